namespace FullStack.Smtp;

/// <summary>
/// Names one accepted message in its Received field, in the reply to DATA and in every log line: eleven characters,
/// in the order of arrival when sorted as text.
/// </summary>
/// <param name="Number">Microseconds since 1970, raised where needed to be unique; below 2^55.</param>
public readonly record struct QueueId(long Number)
{
    private const int Characters = 11;
    private const int BitsPerCharacter = 5;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // ascending in ASCII; no I, L, O, U to misread

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out QueueId id)
    {
        id = default;
        if (text.Length != Characters)
            return false;
        long number = 0;
        foreach (char c in text)
        {
            int digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            number = (number << BitsPerCharacter) | (uint)digit;
        }

        id = new(number);
        return true;
    }

    public override string ToString() => string.Create(Characters, Number, static (text, number) =>
    {
        for (int i = text.Length - 1; i >= 0; i--, number >>= BitsPerCharacter)
            text[i] = Alphabet[(int)(number & 31)];
    });
}

/// <summary>Gives out queue ids: never the same twice in a process, nor after a restart unless the clock was set back.</summary>
/// <param name="time">The clock.</param>
/// <param name="after">All are larger than this one.</param>
public sealed class QueueIdSource(TimeProvider time, QueueId after = default)
{
    private long _last = after.Number;

    public QueueId Next()
    {
        long now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        long last = Volatile.Read(ref _last);
        while (true)
        {
            long next = Math.Max(now, last + 1);
            long seen = Interlocked.CompareExchange(ref _last, next, last);
            if (seen == last)
                return new(next);
            last = seen;
        }
    }
}
