"""Export-DhcpServer XML: streaming, in one pass, leases as columns (formats.md section 1)."""

from parsers.export_xml.parse import parse_export_xml

__all__ = ["parse_export_xml"]
