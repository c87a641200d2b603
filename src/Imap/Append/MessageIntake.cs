using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Append;

/// <summary>Takes one message of an APPEND in, a literal at a time, and says what is wrong with it.</summary>
/// <remarks>
/// NUL may come in a literal8 only; such a message is kept as it came until its end, for what has NUL in it is then stored as base64
/// (RFC 3516 §4.4: "The server MAY modify the CTE of the appended data").
/// </remarks>
internal sealed class MessageIntake(ImapSession session, int inMemoryOctets) : IAsyncDisposable
{
    private readonly HeaderScan _header = new();
    private StagedMessage? _staged;
    private BinaryMessage? _binary;
    private bool _hasNul;

    /// <summary>Reads a literal to its end.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask ReadAsync(IncomingLiteral literal, bool mayHaveNul, CancellationToken ct)
    {
        if (mayHaveNul)
            _binary ??= session.Environment.Store.StageBinary(inMemoryOctets);
        else
            _staged ??= session.Environment.Store.Stage(inMemoryOctets);
        literal.Invite();
        while (await literal.ReadAsync(TakeAsync, ct))
        {
        }
    }

    /// <summary>Ends the message.</summary>
    /// <returns>The answer where it is refused, else the message, which is the caller's from then on.</returns>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask<(ImapCompletion? Refusal, StagedMessage? Message)> CompleteAsync(CancellationToken ct)
    {
        if (_hasNul)
            return (ImapCompletion.Bad("A message must not contain NUL, but in a literal8"), null); // literal = *CHAR8
        if (_header.HasUtf8 && !session.UsesUtf8 && session.Environment.Options.RefuseUtf8Headers)
            return (ImapCompletion.No("Enable UTF8=ACCEPT before you send a header with UTF-8"), null); // RFC 9755 §4: MUST
        if (_binary is not null)
        {
            _staged = session.Environment.Store.Stage(inMemoryOctets);
            if (!await _binary.WriteToAsync(_staged, ct))
                return (ImapCompletion.No("NUL stands where no transfer encoding can hide it", "UNKNOWN-CTE"), null);
        }

        await _staged!.CompleteAsync(ct);
        StagedMessage message = _staged;
        _staged = null;
        return (null, message);
    }

    public async ValueTask DisposeAsync()
    {
        if (_staged is not null)
            await _staged.DisposeAsync();
        if (_binary is not null)
            await _binary.DisposeAsync();
    }

    private ValueTask TakeAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        _header.Push(piece.Span);
        if (_binary is not null)
            return _binary.WriteAsync(piece, ct);
        _hasNul |= piece.Span.Contains((byte)0);
        return _hasNul ? ValueTask.CompletedTask : _staged!.WriteAsync(piece, ct);
    }
}
