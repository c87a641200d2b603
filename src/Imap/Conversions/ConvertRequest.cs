namespace FullStack.Imap.Conversions;

/// <summary>What a CONVERT asks of each message.</summary>
/// <param name="Target">The media type wanted; null: the server chooses.</param>
/// <param name="Parameters">How to convert.</param>
/// <param name="Items">The data items, in the order asked.</param>
/// <param name="HasUid">Whether the UID is among them; it always comes first.</param>
internal sealed record ConvertRequest(MediaType? Target, ConversionParameters Parameters, IReadOnlyList<ConvertItem> Items, bool HasUid)
{
    /// <summary>How many parts of a message it is about.</summary>
    public int Parts { get; } = Items.Select(static item => string.Join('.', item.Section.Path)).Distinct(StringComparer.Ordinal).Count();
}
