using System.Buffers;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// The octets of one message as they came: without From_ line and metadata fields, and unquoted. They can be read from any
/// offset; what must be unquoted is cheap to read on from where a read ended.
/// </summary>
internal sealed class MboxContent
{
    private const int BlockOctets = 64 * 1024;

    private readonly IMaildirFiles _files;
    private readonly SafeFileHandle _file;
    private readonly List<Piece> _pieces = [];
    private readonly long _octetsInPieces;
    private readonly byte[] _block = [];
    private readonly Lock _gate = new();
    private readonly List<Mark> _marks = [default];
    private Mark _next;
    private long _begin;
    private int _filled;

    public MboxContent(IMaildirFiles files, SafeFileHandle file, MboxMessage message)
    {
        (_files, _file) = (files, file);
        long at = message.HeaderOffset;
        foreach (MboxFieldPlace field in message.Fields)
        {
            AddPiece(at, field.Offset);
            at = field.Offset + field.Octets;
        }

        AddPiece(at, message.End);
        _octetsInPieces = _pieces.Count == 0 ? 0 : _pieces[^1].Begin + _pieces[^1].Octets;
        Octets = _octetsInPieces - message.QuotedLines;
        if (message.QuotedLines > 0)
            _block = new byte[BlockOctets + MboxUnquoter.MaxHeld];
    }

    /// <summary>Length of the message.</summary>
    public long Octets { get; }

    /// <summary>Reads octets of the message; <paramref name="count"/> 0 is the end. Blocks.</summary>
    public FileError Read(Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        if (offset >= Octets || buffer.IsEmpty)
            return FileError.None;
        if (_block.Length == 0)
            return ReadPieces(buffer, offset, out count);
        lock (_gate)
            return ReadUnquoted(buffer, offset, out count);
    }

    private FileError ReadUnquoted(Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        if (offset < _begin)
            Rewind(offset);
        while (offset >= _begin + _filled)
        {
            FileError read = Unquote();
            if (read != FileError.None)
                return read;
            if (_filled == 0)
                return FileError.None; // Shorter than it was.
        }

        ReadOnlySpan<byte> there = _block.AsSpan((int)(offset - _begin), (int)(_begin + _filled - offset));
        count = Math.Min(there.Length, buffer.Length);
        there[..count].CopyTo(buffer);
        return FileError.None;
    }

    /// <summary>Makes the next block of text.</summary>
    private FileError Unquote()
    {
        byte[] input = ArrayPool<byte>.Shared.Rent(BlockOctets);
        try
        {
            FileError read = ReadPieces(input.AsSpan(0, BlockOctets), _next.Taken, out int taken);
            if (read != FileError.None)
                return read;
            _begin = _next.Given;
            MboxUnquoter unquoter = _next.Unquoter;
            _filled = taken == 0 ? unquoter.Complete(_block) : unquoter.Push(input.AsSpan(0, taken), _block);
            _next = new(_begin + _filled, _next.Taken + taken, unquoter);
            if (_next.Given > _marks[^1].Given)
                _marks.Add(_next);
            return FileError.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
        }
    }

    private void Rewind(long offset)
    {
        int at = _marks.Count - 1;
        while (_marks[at].Given > offset)
            at--;
        _next = _marks[at];
        (_begin, _filled) = (_next.Given, 0);
    }

    private FileError ReadPieces(Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        foreach (Piece piece in _pieces)
        {
            if (offset >= piece.Begin + piece.Octets)
                continue;
            long skip = offset - piece.Begin;
            int wanted = (int)Math.Min(buffer.Length, piece.Octets - skip);
            FileError read = _files.Read(_file, buffer[..wanted], piece.Offset + skip, out int filled);
            count += filled;

            // Small pieces between fields are read together, so that a read ends early only at the end.
            if (read != FileError.None || filled < wanted || filled == buffer.Length)
                return read;
            buffer = buffer[filled..];
            offset += filled;
        }

        return FileError.None;
    }

    private void AddPiece(long from, long to)
    {
        if (to > from)
            _pieces.Add(new(_pieces.Count == 0 ? 0 : _pieces[^1].Begin + _pieces[^1].Octets, from, to - from));
    }

    /// <summary>Octets of the file that belong to the message.</summary>
    private readonly record struct Piece(long Begin, long Offset, long Octets);

    /// <summary>A place from which unquoting goes on: text given before it, octets of the pieces taken for it.</summary>
    private readonly record struct Mark(long Given, long Taken, MboxUnquoter Unquoter);
}
