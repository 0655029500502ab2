"""Servers that speak MCP, as sources of tools. The SDK is imported when one is opened."""

from kit.patterns.tools.mcp.source import McpSource
from kit.patterns.tools.mcp.spec import McpServer, distinct, server_from, server_of

__all__ = ["McpServer", "McpSource", "distinct", "server_from", "server_of"]
