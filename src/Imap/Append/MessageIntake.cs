using FullStack.Imap.Server;
using FullStack.Imap.Urls;
using FullStack.Store;

namespace FullStack.Imap.Append;

/// <summary>Takes one message of an APPEND in, a literal or a part of another message at a time, and says what is wrong with it.</summary>
/// <remarks>
/// NUL may come in a literal8 only; a message that may have it is kept as it comes until its end, for what has NUL in it is then stored as
/// base64 (RFC 3516 §4.4: "The server MAY modify the CTE of the appended data").
/// </remarks>
/// <param name="session">Whose message it is.</param>
/// <param name="message">What was said of it.</param>
/// <param name="inMemoryOctets">Up to how many octets it waits in memory.</param>
internal sealed class MessageIntake(ImapSession session, AppendStep.Begin message, int inMemoryOctets) : IAsyncDisposable
{
    private readonly HeaderScan _header = new();
    private StagedMessage? _staged;
    private BinaryMessage? _binary;
    private bool _hasNul;

    public AppendStep.Begin Message => message;

    /// <summary>Octets taken so far.</summary>
    public long Octets { get; private set; }

    /// <summary>Reads a literal to its end.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask ReadAsync(IncomingLiteral literal, bool mayHaveNul, CancellationToken ct)
    {
        Begin(mayHaveNul);
        literal.Invite();
        while (await literal.ReadAsync(
            (piece, token) =>
            {
                _hasNul |= !mayHaveNul && piece.Span.Contains((byte)0);
                return _hasNul ? ValueTask.CompletedTask : TakeAsync(piece, token);
            },
            ct))
        {
        }
    }

    /// <summary>Takes what a URL names.</summary>
    /// <exception cref="IOException">The disk is full or failing, or the other message cannot be read.</exception>
    public ValueTask CopyAsync(UrlContent content, CancellationToken ct)
    {
        Begin(mayHaveNul: true);
        return content.CopyAsync(TakeAsync, ct);
    }

    /// <summary>Ends the message.</summary>
    /// <returns>The answer where it is refused, else the message, which is the caller's from then on.</returns>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask<(ImapCompletion? Refusal, StagedMessage? Message)> CompleteAsync(CancellationToken ct)
    {
        if (_hasNul)
            return (ImapCompletion.Bad("A message must not contain NUL, but in a literal8"), null); // literal = *CHAR8
        if (Octets == 0)
            return (ImapCompletion.No("A message of no octets is none", "CANNOT"), null);
        if (_header.HasUtf8 && !session.UsesUtf8 && session.Environment.Options.RefuseUtf8Headers)
            return (ImapCompletion.No("Enable UTF8=ACCEPT before you send a header with UTF-8"), null); // RFC 9755 §4: MUST
        if (_binary is not null)
        {
            _staged = session.Environment.Store.Stage(inMemoryOctets);
            if (!await _binary.WriteToAsync(_staged, ct))
                return (ImapCompletion.No("NUL stands where no transfer encoding can hide it", "UNKNOWN-CTE"), null);
        }

        await _staged!.CompleteAsync(ct);
        StagedMessage complete = _staged;
        _staged = null;
        return (null, complete);
    }

    public async ValueTask DisposeAsync()
    {
        if (_staged is not null)
            await _staged.DisposeAsync();
        if (_binary is not null)
            await _binary.DisposeAsync();
    }

    private void Begin(bool mayHaveNul)
    {
        if (_staged is not null || _binary is not null)
            return;
        if (mayHaveNul || message.IsCatenated)
            _binary = session.Environment.Store.StageBinary(inMemoryOctets);
        else
            _staged = session.Environment.Store.Stage(inMemoryOctets);
    }

    private ValueTask TakeAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        Octets += piece.Length;
        _header.Push(piece.Span);
        return _binary?.WriteAsync(piece, ct) ?? _staged!.WriteAsync(piece, ct);
    }
}
