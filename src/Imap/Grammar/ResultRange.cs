using FullStack.Imap.Responses;

namespace FullStack.Imap.Grammar;

/// <summary>A window on a list of results: places counted from its first or, with a minus sign, from its last member (RFC 9394 §3.1).</summary>
/// <param name="First">One end as written, at least 1.</param>
/// <param name="Second">The other end; "500:400" is the same window as "400:500".</param>
/// <param name="FromEnd">Whether both were written with a minus sign.</param>
internal readonly record struct ResultRange(uint First, uint Second, bool FromEnd)
{
    private uint Nearest => Math.Min(First, Second);
    private uint Furthest => Math.Max(First, Second);

    /// <summary>The part of a list of so many members that lies in the window; its length is 0 where nothing does.</summary>
    public (int Start, int Length) Within(int count)
    {
        if (Nearest > (uint)count)
            return (0, 0);
        int near = (int)Nearest, far = (int)Math.Min(Furthest, (uint)count);
        return (FromEnd ? count - far : near - 1, far - near + 1);
    }

    /// <summary>partial-range, as the client wrote it.</summary>
    public void WriteTo(ImapResponseWriter writer)
    {
        WriteEnd(writer, First);
        writer.Write((byte)':');
        WriteEnd(writer, Second);
    }

    private void WriteEnd(ImapResponseWriter writer, uint end)
    {
        if (FromEnd)
            writer.Write((byte)'-');
        writer.Number(end);
    }
}
