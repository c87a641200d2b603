using System.Buffers;

namespace FullStack.Pop3.Server;

/// <summary>Doubles the dot at the start of lines and ends with a line of a lone dot (RFC 1939 §3). How the octets are cut makes no difference.</summary>
internal sealed class DotStuffer
{
    private bool _atLineStart = true;
    private bool _afterCarriageReturn;

    /// <summary>Appends the next octets of the message.</summary>
    public void Push(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        if (octets.IsEmpty)
            return;
        if (_atLineStart && octets[0] == (byte)'.')
            output.Write("."u8);
        _atLineStart = octets[^1] == (byte)'\n';
        _afterCarriageReturn = octets[^1] == (byte)'\r';
        for (int dot; (dot = octets.IndexOf("\n."u8)) >= 0; octets = octets[(dot + 1)..])
        {
            output.Write(octets[..(dot + 1)]);
            output.Write("."u8);
        }

        output.Write(octets);
    }

    /// <summary>Ends a last line that had no end, and the message.</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        if (!_atLineStart)
            output.Write(_afterCarriageReturn ? "\n"u8 : "\r\n"u8);
        output.Write(".\r\n"u8);
    }
}
