namespace FullStack.Imap.Conversions;

/// <summary>A conversion that there is, from one media type to another.</summary>
/// <remarks>
/// RFC 5259 §5.1 and §7.1. Charsets are changed in those texts that do not name their charset themselves, or whose Content-Type goes before
/// what they say, as with HTML. A conversion to the type that a part has already is one of its charset.
/// </remarks>
/// <param name="From">What is converted.</param>
/// <param name="To">What it becomes.</param>
internal sealed record TextConversion(MediaType From, MediaType To)
{
    /// <summary>Those there are. Of several for one type the first is that for a client that names no target.</summary>
    public static IReadOnlyList<TextConversion> All { get; } =
    [
        new(MediaType.Plain, MediaType.Plain),
        new(MediaType.Html, MediaType.Plain),
        new(MediaType.Html, MediaType.Html),
        .. SameType("csv", "enriched", "calendar", "markdown", "tab-separated-values"),
    ];

    public bool MakesPlainOfHtml => From == MediaType.Html && To == MediaType.Plain;

    private static IEnumerable<TextConversion> SameType(params string[] subtypes)
        => subtypes.Select(static subtype => new TextConversion(new("text", subtype), new("text", subtype)));
}
