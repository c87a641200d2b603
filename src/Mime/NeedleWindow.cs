using System.Buffers;

namespace FullStack.Mime;

/// <summary>Text that is pushed through in pieces, folded, and searched for needles a stretch at a time.</summary>
/// <remarks>
/// Between two stretches it keeps as much as may hold the beginning of a find: one unit less than the longest needle. A stretch is
/// at least as long, so that the cost stays linear in the text however long a needle is.
/// </remarks>
internal sealed class NeedleWindow : IDisposable
{
    private const int StretchUnits = 16 * 1024;
    private readonly IReadOnlyList<SearchNeedle> _needles;
    private readonly List<int> _open = [], _found = [];
    private readonly int _longest;
    private readonly char[] _folded;
    private int _end;
    private int _searched;
    private char _highSurrogate;

    public NeedleWindow(IReadOnlyList<SearchNeedle> needles)
    {
        _needles = needles;
        for (int i = 0; i < needles.Count; i++)
        {
            _longest = Math.Max(_longest, needles[i].Folded.Length);
            (needles[i].Folded.Length == 0 ? _found : _open).Add(i);
        }

        _folded = ArrayPool<char>.Shared.Rent(_longest + Math.Max(_longest, StretchUnits) + UnicodeCasemap.SliceUnits * UnicodeCasemap.LongestFold);
    }

    /// <summary>Whether a needle is left that was not found yet.</summary>
    public bool IsSearching => _open.Count > 0;

    /// <summary>Takes the next text; it may cut a surrogate pair.</summary>
    public void Push(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return;
        if (_highSurrogate != '\0')
        {
            bool isPair = char.IsLowSurrogate(text[0]);
            Fold(isPair ? [_highSurrogate, text[0]] : [_highSurrogate]);
            _highSurrogate = '\0';
            text = isPair ? text[1..] : text;
        }

        if (!text.IsEmpty && char.IsHighSurrogate(text[^1]))
        {
            _highSurrogate = text[^1];
            text = text[..^1];
        }

        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> slice = UnicodeCasemap.NextSlice(text);
            Fold(slice);
            text = text[slice.Length..];
        }
    }

    /// <summary>Ends the text.</summary>
    /// <returns>The places of the needles found, rising.</returns>
    public IReadOnlyList<int> Complete()
    {
        if (_highSurrogate != '\0')
            Fold([_highSurrogate]);
        _highSurrogate = '\0';
        Search();
        _found.Sort();
        return _found;
    }

    public void Dispose() => ArrayPool<char>.Shared.Return(_folded);

    private void Fold(ReadOnlySpan<char> slice)
    {
        if (_folded.Length - _end < slice.Length * UnicodeCasemap.LongestFold)
            Search();
        _end += UnicodeCasemap.Fold(slice, _folded.AsSpan(_end));
    }

    private void Search()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            string needle = _needles[_open[i]].Folded;
            int from = Math.Max(0, _searched - (needle.Length - 1));
            if (_folded.AsSpan(from, _end - from).IndexOf(needle) < 0)
                continue;
            _found.Add(_open[i]);
            _open.RemoveAt(i);
        }

        int kept = Math.Clamp(_longest - 1, 0, _end);
        _folded.AsSpan(_end - kept, kept).CopyTo(_folded);
        _end = _searched = kept;
    }
}
