"""Runs in the forms of others: OpenTelemetry's, OpenInference's, a spreadsheet's."""
