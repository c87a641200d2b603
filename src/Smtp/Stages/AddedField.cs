namespace FullStack.Smtp.Stages;

/// <summary>A header field that a stage puts above a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value: ASCII or UTF-8; folded by CRLF and white space where it is long; no other line ends.</param>
public sealed record AddedField(string Name, string Value);
