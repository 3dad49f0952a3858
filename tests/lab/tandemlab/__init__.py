# SPDX-License-Identifier: Apache-2.0
"""The lab: network namespaces as hosts, and the tools that measure from outside the program under test."""
