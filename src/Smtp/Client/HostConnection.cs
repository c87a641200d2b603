using System.Text;
using FullStack.Net;

namespace FullStack.Smtp.Client;

/// <summary>The way to one host: commands out, whole replies in, both bounded in time and length. Every failure is a <see cref="HostFailedException"/>.</summary>
internal sealed class HostConnection(MailConnection connection, RemoteHost host, TimeProvider time) : IAsyncDisposable
{
    /// <summary>RFC 5321 §4.5.3.1.5 has 512 octets for a line of a reply; hosts write more.</summary>
    private const int MaxLineOctets = 4096;

    /// <summary>More lines than any list of extensions has.</summary>
    private const int MaxLines = 100;

    public MailConnection Wire => connection;

    /// <summary>What the host is doing for us, for statuses: <c>after the greeting</c>.</summary>
    public string Stage { get; set; } = "before the greeting";

    /// <summary>A command without an answer yet; it leaves at the next flush or read.</summary>
    public void Write(string command)
    {
        connection.Write(Encoding.UTF8.GetBytes(command));
        connection.Write("\r\n"u8);
    }

    /// <summary>Sends what is written.</summary>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        try
        {
            await connection.FlushAsync(ct);
        }
        catch (PeerGoneException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Asks and waits for the answer.</summary>
    public ValueTask<HostReply> AskAsync(string command, string stage, TimeSpan timeout, CancellationToken ct)
    {
        Write(command);
        Stage = stage;
        return ReadReplyAsync(timeout, ct);
    }

    /// <summary>Reads the next reply.</summary>
    /// <param name="timeout">Longest wait for all its lines together.</param>
    public async ValueTask<HostReply> ReadReplyAsync(TimeSpan timeout, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        List<string> lines = [];
        int code = 0;
        while (lines.Count < MaxLines)
        {
            TimeSpan left = timeout - time.GetElapsedTime(begun);
            LineFrame frame = await ReadLineAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, ct);
            if (!TryReadLine(frame.Line.Span, out int lineCode, out bool isLast, out string text) || (code != 0 && code != lineCode))
                throw new HostFailedException(ClientStatus.NotMailProtocol);
            code = lineCode;
            lines.Add(text);
            if (isLast)
                return new(code, lines);
        }

        throw new HostFailedException(ClientStatus.NotMailProtocol);
    }

    /// <summary>What a failure of the transport means.</summary>
    public HostFailedException Failed(PeerGoneException cause)
        => cause is PeerTimeoutException ? TimedOut() : new(ClientStatus.Lost(host, Stage));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or PeerGoneException)
        {
            // What was still to be written cannot be: the host is gone, or was left in the middle of a message on purpose.
        }
    }

    private async ValueTask<LineFrame> ReadLineAsync(TimeSpan timeout, CancellationToken ct)
    {
        LineFrame frame;
        try
        {
            frame = await connection.ReadLineAsync(MaxLineOctets, timeout, ct: ct);
        }
        catch (PeerGoneException e)
        {
            throw Failed(e);
        }

        return frame.Status switch
        {
            FrameStatus.Line => frame,
            FrameStatus.TimedOut => throw TimedOut(),
            FrameStatus.EndOfInput => throw new HostFailedException(ClientStatus.Lost(host, Stage)),
            _ => throw new HostFailedException(ClientStatus.NotMailProtocol),
        };
    }

    private HostFailedException TimedOut() => new(ClientStatus.TimedOut(host, Stage)) { IsTimeout = true };

    /// <summary>Reply-line = Reply-code ( "-" / SP ) [ textstring ]; a code alone is one too (RFC 5321 §4.2).</summary>
    private static bool TryReadLine(ReadOnlySpan<byte> line, out int code, out bool isLast, out string text)
    {
        code = 0;
        isLast = true;
        text = "";
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
            return false;
        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0';
        if (line.Length == 3)
            return true;
        isLast = line[3] == ' ';
        if (!isLast && line[3] != '-')
            return false;
        text = Encoding.Latin1.GetString(line[4..]);
        return true;
    }
}
