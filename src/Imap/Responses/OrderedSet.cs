using FullStack.Net;

namespace FullStack.Imap.Responses;

/// <summary>Writes results as a sequence-set that keeps their order: only rising neighbours become ranges (RFC 5267 §3.2).</summary>
internal static class OrderedSet
{
    /// <summary>Ranges written before the output is looked at.</summary>
    private const int RangesPerFlush = 1024;

    /// <param name="connection">Whose output it is.</param>
    /// <param name="writer">Takes the set.</param>
    /// <param name="length">How many numbers.</param>
    /// <param name="numberAt">The number at a place.</param>
    /// <param name="ct">Ends the sending.</param>
    public static async ValueTask SendAsync(MailConnection connection, ImapResponseWriter writer, int length, Func<int, uint> numberAt, CancellationToken ct)
    {
        int ranges = 0;
        for (int i = 0; i < length; ranges++)
        {
            uint first = numberAt(i), last = first;
            while (++i < length && numberAt(i) == last + 1)
                last++;
            if (ranges > 0)
                writer.Write((byte)',');
            writer.Number(first);
            if (last != first)
            {
                writer.Write((byte)':');
                writer.Number(last);
            }

            if (ranges % RangesPerFlush == RangesPerFlush - 1)
                await connection.FlushIfLargeAsync(ct);
        }
    }
}
