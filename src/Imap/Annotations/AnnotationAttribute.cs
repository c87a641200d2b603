using System.Diagnostics.CodeAnalysis;

namespace FullStack.Imap.Annotations;

/// <summary>An attribute of an entry: its value or the value's size, the user's own or the one that all share.</summary>
/// <remarks>RFC 5257 §3.2.2.</remarks>
internal readonly record struct AnnotationAttribute(bool IsSize, bool IsShared)
{
    public static AnnotationAttribute PrivateValue { get; } = new(false, false);
    public static AnnotationAttribute SharedValue { get; } = new(false, true);
    private static AnnotationAttribute PrivateSize { get; } = new(true, false);
    private static AnnotationAttribute SharedSize { get; } = new(true, true);

    public ReadOnlySpan<byte> Name => (IsSize, IsShared) switch
    {
        (false, false) => "value.priv"u8,
        (false, true) => "value.shared"u8,
        (true, false) => "size.priv"u8,
        _ => "size.shared"u8,
    };

    /// <summary>The attributes that a name means; a name without <c>.priv</c> or <c>.shared</c> means both.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, [NotNullWhen(true)] out AnnotationAttribute[]? attributes)
    {
        attributes = name switch
        {
            _ when name.SequenceEqual("value"u8) => [PrivateValue, SharedValue],
            _ when name.SequenceEqual("value.priv"u8) => [PrivateValue],
            _ when name.SequenceEqual("value.shared"u8) => [SharedValue],
            _ when name.SequenceEqual("size"u8) => [PrivateSize, SharedSize],
            _ when name.SequenceEqual("size.priv"u8) => [PrivateSize],
            _ when name.SequenceEqual("size.shared"u8) => [SharedSize],
            _ => null,
        };
        return attributes is not null;
    }
}
