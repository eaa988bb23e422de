"""States that were saved by released versions still load, and go on as if nothing had happened."""
