using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>A search string, made ready to be looked for in many texts: substrings in i;unicode-casemap (RFC 5051).</summary>
/// <remarks>Immutable. An empty needle is in every text, also an empty one (RFC 3501 §6.4.4).</remarks>
public sealed class SearchNeedle
{
    private const int PieceOctets = 16 * 1024;
    private const int SliceUnits = 1024;
    private readonly string _folded;

    public SearchNeedle(string text) => _folded = Fold(text);

    /// <summary>True where the text contains it.</summary>
    public bool Matches(string text) => Matches(text.AsSpan());

    /// <inheritdoc cref="Matches(string)"/>
    public bool Matches(ReadOnlySpan<char> text)
    {
        if (_folded.Length == 0)
            return true;
        char[] folded = ArrayPool<char>.Shared.Rent(text.Length * UnicodeCasemap.LongestFold);
        int length = UnicodeCasemap.Fold(text, folded);
        bool found = folded.AsSpan(0, length).IndexOf(_folded) >= 0;
        ArrayPool<char>.Shared.Return(folded);
        return found;
    }

    /// <summary>True where the stream, decoded as it is read, contains it. Stops reading at the first find; does not dispose of the stream.</summary>
    /// <param name="octets">Octets with their transfer encoding undone (<see cref="BodyText.DecodeTransfer"/>).</param>
    /// <param name="charset">See <see cref="BodyText.EncodingFor"/>.</param>
    public async ValueTask<bool> MatchesAsync(Stream octets, Encoding charset, CancellationToken ct)
    {
        if (_folded.Length == 0)
            return true;
        Window window = new(_folded, charset);
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        try
        {
            bool found = false;
            int read;
            do
            {
                read = await octets.ReadAsync(piece, ct);
                found = window.Push(piece.AsSpan(0, read), last: read == 0);
            }
            while (!found && read > 0);
            return found;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static string Fold(string text)
    {
        char[] folded = new char[text.Length * UnicodeCasemap.LongestFold];
        return new string(folded, 0, UnicodeCasemap.Fold(text, folded));
    }

    /// <summary>The folded text that may still hold the beginning of a find: all but one unit of the needle's length.</summary>
    private sealed class Window(string needle, Encoding charset)
    {
        private readonly Decoder _decoder = charset.GetDecoder();
        private char[] _text = [];
        private readonly char[] _folded = new char[needle.Length + SliceUnits * UnicodeCasemap.LongestFold];
        private int _kept;
        private char _highSurrogate;

        public bool Push(ReadOnlySpan<byte> octets, bool last)
        {
            int most = charset.GetMaxCharCount(octets.Length) + 1;
            if (_text.Length < most)
                _text = new char[most];
            int length = 0;
            if (_highSurrogate != '\0')
                _text[length++] = _highSurrogate;
            length += _decoder.GetChars(octets, _text.AsSpan(length), flush: last);
            _highSurrogate = !last && length > 0 && char.IsHighSurrogate(_text[length - 1]) ? _text[--length] : '\0';

            ReadOnlySpan<char> rest = _text.AsSpan(0, length);
            while (!rest.IsEmpty)
            {
                int slice = Math.Min(SliceUnits, rest.Length);
                if (slice < rest.Length && char.IsHighSurrogate(rest[slice - 1]))
                    slice--;
                if (PushSlice(rest[..slice]))
                    return true;
                rest = rest[slice..];
            }

            return false;
        }

        private bool PushSlice(ReadOnlySpan<char> text)
        {
            int end = _kept + UnicodeCasemap.Fold(text, _folded.AsSpan(_kept));
            if (_folded.AsSpan(0, end).IndexOf(needle) >= 0)
                return true;
            _kept = Math.Min(needle.Length - 1, end);
            _folded.AsSpan(end - _kept, _kept).CopyTo(_folded);
            return false;
        }
    }
}
