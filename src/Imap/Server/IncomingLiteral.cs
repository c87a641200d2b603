using System.Buffers;
using FullStack.Net;

namespace FullStack.Imap.Server;

/// <summary>A literal that has been announced and is read in pieces.</summary>
/// <param name="connection">Where it comes from.</param>
/// <param name="mark">Its announcement.</param>
/// <param name="timeout">Longest silence in the middle of it.</param>
internal sealed class IncomingLiteral(MailConnection connection, LiteralMark mark, TimeSpan timeout)
{
    /// <summary>Its length.</summary>
    public long Octets { get; } = mark.Octets;

    /// <summary>What has not been read yet.</summary>
    public long Remaining { get; private set; } = mark.Octets;

    /// <summary>The client is sending it, or has been asked to: it must be read, wanted or not.</summary>
    public bool IsOnTheWay { get; private set; } = !mark.IsSynchronizing;

    /// <summary>How the read of the line's rest ended; null while nobody has tried it.</summary>
    public FrameStatus? End { get; private set; }

    /// <summary>A further literal that the line's rest announced: one too many, unless the command takes several.</summary>
    public LiteralMark? NextMark { get; private set; }

    /// <summary>Asks a waiting client to send.</summary>
    public void Invite()
    {
        if (IsOnTheWay)
            return;
        IsOnTheWay = true;
        connection.Write("+ Ready for the literal\r\n"u8);
    }

    /// <summary>Reads the next piece and gives it to <paramref name="take"/>, which must be done with it when it returns.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="PeerTimeoutException">The client paused for too long; it has been told goodbye.</exception>
    public async ValueTask<bool> ReadAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
    {
        if (Remaining == 0)
            return false;
        ReadOnlySequence<byte> buffer = await NextAsync(ct);
        if (buffer.Length > Remaining)
            buffer = buffer.Slice(0, Remaining);
        try
        {
            foreach (ReadOnlyMemory<byte> piece in buffer)
                await take(piece, ct);
        }
        finally
        {
            // Also when the piece was not taken (a full disk): the rest can then be drained in step.
            Remaining -= buffer.Length;
            connection.Advance(buffer.End);
        }

        return true;
    }

    /// <summary>Throws away what is left of it.</summary>
    public async ValueTask DrainAsync(CancellationToken ct)
    {
        while (await ReadAsync(static (_, _) => ValueTask.CompletedTask, ct))
        {
        }
    }

    /// <summary>Reads the rest of the line, which is empty where the command ends with the literal.</summary>
    /// <param name="maxOctets">Longest rest that is looked at.</param>
    /// <returns>The line, good until the next read.</returns>
    public async ValueTask<LineFrame> ReadRestAsync(int maxOctets, CancellationToken ct)
    {
        LineFrame line = await connection.ReadLineAsync(maxOctets, timeout, ct: ct);
        End = line.Status;
        NextMark = LiteralMark.Of(line.Line.Span);
        return line;
    }

    /// <summary>The further literal that the rest of the line announced.</summary>
    /// <exception cref="InvalidOperationException">It announced none.</exception>
    public IncomingLiteral Next() => new(connection, NextMark ?? throw new InvalidOperationException("no literal is announced"), timeout);

    private async ValueTask<ReadOnlySequence<byte>> NextAsync(CancellationToken ct)
    {
        try
        {
            return await connection.ReadAsync(timeout, ct);
        }
        catch (PeerTimeoutException)
        {
            connection.Write("* BYE The command was left unfinished for too long\r\n"u8);
            await connection.FlushAsync(ct);
            throw;
        }
    }
}
