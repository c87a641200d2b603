using System.Buffers;
using FullStack.Net;

namespace FullStack.Imap.Server;

/// <summary>A literal that has been announced and is read by the command itself, in pieces.</summary>
/// <param name="connection">Where it comes from.</param>
/// <param name="octets">Its length.</param>
/// <param name="isSynchronizing">The client waits for a go-ahead before it sends it.</param>
/// <param name="timeout">Longest silence in the middle of it.</param>
internal sealed class IncomingLiteral(MailConnection connection, long octets, bool isSynchronizing, TimeSpan timeout)
{
    private bool _invited = !isSynchronizing;

    public long Octets { get; } = octets;

    /// <summary>What has not been read yet.</summary>
    public long Remaining { get; private set; } = octets;

    /// <summary>The client is sending it, or has been asked to: it must be read, wanted or not.</summary>
    public bool IsOnTheWay => _invited;

    /// <summary>Asks a waiting client to send.</summary>
    public void Invite()
    {
        if (_invited)
            return;
        _invited = true;
        connection.Write("+ Ready for literal data\r\n"u8);
    }

    /// <summary>Reads the next piece and gives it to <paramref name="take"/>, which must be done with it when it returns.</summary>
    /// <returns>False at the end.</returns>
    public async ValueTask<bool> ReadAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
    {
        if (Remaining == 0)
            return false;
        ReadOnlySequence<byte> buffer = await connection.ReadAsync(timeout, ct);
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
}
