using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Commands;
using FullStack.Imap.Grammar;
using FullStack.Net;

namespace FullStack.Imap.Server;

/// <summary>Puts a command's lines and literals together into one piece of memory, within limits, and keeps the stream in step when it refuses.</summary>
/// <remarks>
/// A refused literal that waits for its go-ahead is never sent, so the tagged answer ends the command. One that is on
/// its way (RFC 7888) is read and thrown away, with the rest of its command; if that is too much, the session ends.
/// </remarks>
internal sealed class CommandFramer(MailConnection connection, ImapOptions options)
{
    /// <summary>Longest unwanted literal that is read to stay in step.</summary>
    public const long MaxDrainOctets = 256L << 20;

    private static readonly ImapCompletion TooBigToSkip = ImapCompletion.Bye("That literal is too big", "TOOBIG");

    private static readonly ImapCompletion TooLongUninvited
        = ImapCompletion.Bad($"A literal above {MaxMinusOctets} octets has to wait for its go-ahead here", "TOOBIG");

    /// <summary>Longest literal that LITERAL- allows to come without a go-ahead (RFC 7888 §5).</summary>
    private const int MaxMinusOctets = 4096;

    private byte[]? _buffer;
    private int _length;

    /// <summary>Frames a command whose first line has been read. The frame is valid until <see cref="Release"/>.</summary>
    /// <param name="line">The first line; it belongs to the connection until the next read.</param>
    /// <param name="head">What it starts with.</param>
    /// <param name="maxLiteralOctets">Octets allowed in literals together.</param>
    /// <param name="timeout">Longest wait for each further line and each piece of a literal.</param>
    public async ValueTask<CommandFrame> CompleteAsync(
        ReadOnlyMemory<byte> line, CommandHead head, long maxLiteralOctets, TimeSpan timeout, CancellationToken ct)
    {
        LiteralMark? mark = LiteralMark.Of(line.Span);
        if (head.Refusal is { } refusal)
            return await RefuseAsync(refusal, mark, timeout, ct);
        if (mark is null)
            return new(FrameKind.Whole, line);

        int lineOctets = line.Length;
        Append(line.Span);
        while (mark is { } literal)
        {
            if (RefuseUninvited(options, literal.Octets, !literal.IsSynchronizing) is { } tooLong)
                return await RefuseAsync(tooLong, mark, timeout, ct);
            if (head.Entry!.Verb.Has(ImapVerbFlags.StreamsLiteral) && Examine(head, out ImapCompletion? error) is var command
                && (command is not null || error is not null))
            {
                return command is not null
                    ? new(FrameKind.EndsInLiteral, _buffer.AsMemory(0, _length), command, literal)
                    : await RefuseAsync(error!.Value, mark, timeout, ct);
            }

            if (literal.Octets > maxLiteralOctets)
                return await RefuseAsync(ImapCompletion.No($"More than {maxLiteralOctets} octets of literals are too many here", "TOOBIG"), mark, timeout, ct);
            maxLiteralOctets -= literal.Octets;
            await AppendLiteralAsync(literal, timeout, ct);

            LineFrame next = await connection.ReadLineAsync(Math.Max(0, options.MaxLineOctets - lineOctets), timeout, ct: ct);
            if (next.Status == FrameStatus.TooLong)
                return new(FrameKind.Refused, default, Refusal: await RefuseTooLongAsync(next, timeout, ct));
            if (next.Status != FrameStatus.Line)
                return Ended(next.Status);
            lineOctets += next.Line.Length;
            Append(next.Line.Span);
            mark = LiteralMark.Of(next.Line.Span);
        }

        return new(FrameKind.Whole, _buffer.AsMemory(0, _length));
    }

    /// <summary>Refuses a line that was too long, and reads past a literal that its end announced.</summary>
    public async ValueTask<ImapCompletion> RefuseTooLongAsync(LineFrame line, TimeSpan timeout, CancellationToken ct)
        => await SkipLiteralsAsync(LiteralMark.Of(line.Line.Span), timeout, ct) ?? TooLong(options.MaxLineOctets);

    /// <summary>Reads and throws away what a command left unread of its literal and of what came after it.</summary>
    /// <returns>Null where the stream is in step; else how the session has to end.</returns>
    public async ValueTask<ImapCompletion?> SkipRestAsync(IncomingLiteral literal, TimeSpan timeout, CancellationToken ct)
    {
        if (!literal.IsOnTheWay)
            return null;
        if (literal.Remaining > MaxDrainOctets)
            return TooBigToSkip;
        await literal.DrainAsync(ct);
        if (literal.End is null)
            await literal.ReadRestAsync(options.MaxLineOctets, ct);
        return literal.End is FrameStatus.Line or FrameStatus.TooLong ? await SkipLiteralsAsync(literal.NextMark, timeout, ct) : Farewell(literal.End!.Value);
    }

    /// <summary>Gives the memory of the last frame back.</summary>
    public void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _length = 0;
    }

    /// <summary>The BYE that goes with the end of a read that brought no line.</summary>
    public static ImapCompletion Farewell(FrameStatus status) => status switch
    {
        FrameStatus.Draining => ImapCompletion.Bye("The server is shutting down", "UNAVAILABLE"),
        FrameStatus.TimedOut => ImapCompletion.Bye("Nothing came for too long"),
        FrameStatus.Endless => ImapCompletion.Bye("A line without end is no command"),
        FrameStatus.EndOfInput => ImapCompletion.Bye("The client closed the connection"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "the session goes on"),
    };

    private static ImapCompletion TooLong(int maxOctets) => ImapCompletion.Bad($"A command may have {maxOctets} octets, literals not counted", "TOOBIG");

    /// <summary>Whether what has come so far is a command whose last literal is the one announced, or is wrong before that literal.</summary>
    private IImapCommand? Examine(CommandHead head, out ImapCompletion? error)
    {
        ReadOnlySpan<byte> frame = _buffer.AsSpan(0, _length);
        ImapReader reader = head.ArgumentsIn(frame);
        bool parsed = head.Entry!.Parse(ref reader, out IImapCommand? command);
        bool wantsLiteral = LiteralMark.Of(frame[reader.Position..]) is { Start: 0 };
        error = parsed || wantsLiteral ? null : SyntaxError(head.Entry.Verb, reader.Position);
        return parsed ? command : null;
    }

    public static ImapCompletion SyntaxError(ImapVerb verb, int position) => ImapCompletion.Bad($"Syntax error in {verb.Name} at octet {position}");

    /// <summary>Refuses what LITERAL- forbids: a long literal that does not wait for its go-ahead (RFC 7888 §5).</summary>
    public static ImapCompletion? RefuseUninvited(ImapOptions options, long octets, bool isUninvited)
        => options.LiteralMinus && isUninvited && octets > MaxMinusOctets ? TooLongUninvited : null;

    private static CommandFrame Ended(FrameStatus status) => new(FrameKind.Refused, default, Refusal: Farewell(status));

    private async ValueTask<CommandFrame> RefuseAsync(ImapCompletion refusal, LiteralMark? mark, TimeSpan timeout, CancellationToken ct)
        => new(FrameKind.Refused, default, Refusal: await SkipLiteralsAsync(mark, timeout, ct) ?? refusal);

    private async ValueTask<ImapCompletion?> SkipLiteralsAsync(LiteralMark? mark, TimeSpan timeout, CancellationToken ct)
    {
        long skipped = 0;
        while (mark is { IsSynchronizing: false } literal)
        {
            if (literal.Octets > MaxDrainOctets - skipped)
                return TooBigToSkip;
            skipped += literal.Octets;
            await new IncomingLiteral(connection, literal, timeout).DrainAsync(ct);
            LineFrame line = await connection.ReadLineAsync(options.MaxLineOctets, timeout, ct: ct);
            if (line.Status is not (FrameStatus.Line or FrameStatus.TooLong))
                return Farewell(line.Status);
            mark = LiteralMark.Of(line.Line.Span);
        }

        return null;
    }

    private async ValueTask AppendLiteralAsync(LiteralMark mark, TimeSpan timeout, CancellationToken ct)
    {
        Append("\r\n"u8);
        IncomingLiteral literal = new(connection, mark, timeout);
        literal.Invite();
        while (await literal.ReadAsync(
            (piece, _) =>
            {
                Append(piece.Span);
                return ValueTask.CompletedTask;
            },
            ct))
        {
        }
    }

    private void Append(ReadOnlySpan<byte> octets)
    {
        if (_buffer is null || _buffer.Length - _length < octets.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(512, Math.Max(_length * 2, _length + octets.Length)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer is not null)
                ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        octets.CopyTo(_buffer.AsSpan(_length));
        _length += octets.Length;
    }
}

/// <summary>What became of reading a command.</summary>
internal enum FrameKind
{
    /// <summary>All of it is there.</summary>
    Whole,

    /// <summary>All but the literal that ends it, which the command reads itself; it is parsed already.</summary>
    EndsInLiteral,

    /// <summary>It cannot run; what had to be read of it has been.</summary>
    Refused,
}

/// <summary>One command, framed.</summary>
internal readonly record struct CommandFrame(
    FrameKind Kind, ReadOnlyMemory<byte> Octets, IImapCommand? Command = null, LiteralMark Literal = default, ImapCompletion Refusal = default);
