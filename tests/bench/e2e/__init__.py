# SPDX-License-Identifier: Apache-2.0
"""What Tandem and others do for real clients and servers of this machine, in network namespaces (scripts/bench e2e)."""
