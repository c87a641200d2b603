using System.Buffers;

namespace FullStack.Mime;

/// <summary>Text that is pushed through in pieces, folded, and searched for needles a stretch at a time.</summary>
/// <remarks>
/// Between two stretches it keeps as much as may hold the beginning of a find: one unit less than the longest needle. A stretch is
/// at least as long, so that the cost stays linear in the text however long a needle is.
/// </remarks>
public sealed class NeedleWindow : FoldingWriter, IDisposable
{
    private const int StretchUnits = 16 * 1024;
    private readonly IReadOnlyList<SearchNeedle> _needles;
    private readonly List<int> _open = [], _found = [];
    private readonly int _longest;
    private char[]? _folded;
    private int _end;
    private int _searched;

    /// <param name="needles">What to look for. An empty one is found in every text.</param>
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

    /// <summary>Ends the text.</summary>
    /// <returns>The places of the needles found, rising.</returns>
    public IReadOnlyList<int> Complete()
    {
        EndText();
        Search();
        _found.Sort();
        return _found;
    }

    public void Dispose()
    {
        if (_folded is not null)
            ArrayPool<char>.Shared.Return(_folded);
        _folded = null;
    }

    private protected override Span<char> Room(int units)
    {
        if (Folded.Length - _end < units)
            Search();
        return Folded.AsSpan(_end);
    }

    private protected override void Advance(int units) => _end += units;

    private char[] Folded => _folded ?? throw new ObjectDisposedException(nameof(NeedleWindow));

    private void Search()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            string needle = _needles[_open[i]].Folded;
            int from = Math.Max(0, _searched - (needle.Length - 1));
            if (Folded.AsSpan(from, _end - from).IndexOf(needle) < 0)
                continue;
            _found.Add(_open[i]);
            _open.RemoveAt(i);
        }

        int kept = Math.Clamp(_longest - 1, 0, _end);
        Folded.AsSpan(_end - kept, kept).CopyTo(Folded);
        _end = _searched = kept;
    }
}
