namespace FullStack.Smtp.Grammar;

/// <summary>The time that a sender gives for delivery.</summary>
/// <param name="Seconds">From the moment it is said; below zero it is over already.</param>
/// <param name="Mode">What happens if it was not enough.</param>
/// <param name="Trace">The sender wants a notice wherever the message is relayed.</param>
internal sealed record DeliverByTerm(int Seconds, DeliverByMode Mode, bool Trace);

/// <summary>The time until which a message is to be held.</summary>
/// <param name="Seconds">How long, or null.</param>
/// <param name="Until">Until when, or null.</param>
/// <param name="Request">As the field Future-Release-Request has it.</param>
internal sealed record HoldTerm(int? Seconds, DateTimeOffset? Until, string Request)
{
    public DateTimeOffset Release(DateTimeOffset now) => Until ?? now.AddSeconds(Seconds!.Value);
}

/// <summary>The values of parameters that say when a message is to be delivered. Null where malformed.</summary>
internal static class TermGrammar
{
    private const int MaxDigits = 9;

    /// <summary><c>by-value = ["-" / "+"] 1*9DIGIT ";" ("N" / "R") ["T"]</c>; with R it must lie ahead.</summary>
    /// <remarks>RFC 2852 §4.</remarks>
    public static DeliverByTerm? ReadDeliverBy(ReadOnlySpan<byte> value)
    {
        int semicolon = value.IndexOf((byte)';');
        if (semicolon <= 0)
            return null;
        bool isNegative = value[0] == '-';
        bool isSigned = isNegative || value[0] == '+';
        if (ReadSeconds(value[(isSigned ? 1 : 0)..semicolon]) is not { } seconds)
            return null;
        if (isNegative)
            seconds = -seconds;
        ReadOnlySpan<byte> mode = value[(semicolon + 1)..];
        bool trace = mode is [_, (byte)'T' or (byte)'t'];
        if (!trace && mode.Length != 1)
            return null;
        return mode[0] switch
        {
            (byte)'N' or (byte)'n' => new(seconds, DeliverByMode.Notify, trace),
            (byte)'R' or (byte)'r' when seconds > 0 => new(seconds, DeliverByMode.Return, trace),
            _ => null,
        };
    }

    /// <summary><c>future-release-integer = %x31-39 *8DIGIT</c></summary>
    /// <remarks>RFC 4865 §3.</remarks>
    public static HoldTerm? ReadHoldFor(ReadOnlySpan<byte> value)
        => value is [>= (byte)'1', ..] && ReadSeconds(value) is { } seconds ? new(seconds, null, $"for;{seconds}") : null;

    /// <summary>A date and time in UTC.</summary>
    /// <remarks>RFC 4865 §3.</remarks>
    public static HoldTerm? ReadHoldUntil(ReadOnlySpan<byte> value)
        => value is [.., (byte)'Z' or (byte)'z'] && InternetDate.TryRead(value, out DateTimeOffset until)
            ? new(null, until, $"until;{System.Text.Encoding.ASCII.GetString(value)}")
            : null;

    /// <summary><c>priority-value = (["-"] NZDIGIT) / "0"</c></summary>
    /// <remarks>RFC 6710 §7.</remarks>
    public static int? ReadPriority(ReadOnlySpan<byte> value) => value switch
    {
        [(byte)'0'] => 0,
        [>= (byte)'1' and <= (byte)'9'] => value[0] - '0',
        [(byte)'-', >= (byte)'1' and <= (byte)'9'] => '0' - value[1],
        _ => null,
    };

    private static int? ReadSeconds(ReadOnlySpan<byte> digits)
        => digits.Length is > 0 and <= MaxDigits && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? int.Parse(digits) : null;
}
