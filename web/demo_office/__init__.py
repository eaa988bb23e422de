"""The demo office: fictional people, and cases that the engine itself has worked on.

Everything here goes through the verbs that people use. The cases play the packages' own
scenarios, at times of their own, so that every state has its cases.
"""

from web.demo_office.office import LOGINS, PASSWORD, DemoLogin, found_office
from web.demo_office.seed import Seeding, seed_demo

__all__ = ["LOGINS", "PASSWORD", "DemoLogin", "Seeding", "found_office", "seed_demo"]
