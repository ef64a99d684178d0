# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconstruction services on this machine, for tests: strict about what they accept, with faults on demand.

Written from the services' own pages. They run inside the process of the test and need nothing but Python.
"""
