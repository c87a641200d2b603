namespace FullStack.Smtp;

/// <summary>What became of a sender, a recipient or a delivery, in the words of an SMTP reply.</summary>
/// <param name="Code">The reply code: 250 for success, 4xx for a failure that may pass, 5xx for one that will not.</param>
/// <param name="Status">The enhanced code, of the same class.</param>
/// <param name="Text">One sentence for the user: ASCII, no line ends, nothing about our inside.</param>
public sealed record DeliveryStatus(int Code, EnhancedStatus Status, string Text)
{
    /// <summary>The message is durable where it belongs; or the address is accepted.</summary>
    public static DeliveryStatus Success { get; } = new(250, new(2, 1, 5), "Ok");

    /// <summary>Something of ours failed; the peer may try again.</summary>
    public static DeliveryStatus LocalError { get; } = new(451, new(4, 3, 0), "Local problem, please try again later");

    /// <summary>No room on the disk.</summary>
    public static DeliveryStatus DiskFull { get; } = new(452, new(4, 3, 1), "Not enough room now, please try again later");

    public bool IsSuccess => Code < 400;
    public bool IsTemporary => Code is >= 400 and < 500;
    public bool IsPermanent => Code >= 500;
}
