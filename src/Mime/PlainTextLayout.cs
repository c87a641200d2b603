using System.Globalization;
using System.Text;

namespace FullStack.Mime;

/// <summary>Writes running text in lines and paragraphs: white space made one blank, quotations and lists marked at the beginning of each line.</summary>
/// <remarks>Blanks, line ends and empty lines are owed until text follows: none stand at the beginning, at the end, or twice.</remarks>
internal sealed class PlainTextLayout
{
    /// <summary>Quotations and lists inside each other that are shown: each makes all its lines longer.</summary>
    private const int MaxDepth = 8;

    private const int MaxLinkUnits = 2000;

    private readonly StringBuilder _text = new();

    /// <summary>What is open: null for a quotation, for a list the number of its next item, 0 where it has no numbers.</summary>
    private readonly List<int?> _open = [];

    private int _tooDeep, _preformatted;
    private int _owedLines;
    private bool _owesBlank, _owesTab, _isAtStart = true, _hasCell;
    private string? _mark;
    private string? _link;
    private int _linkStart;

    /// <summary>Takes text as HTML has it.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        if (_preformatted > 0)
        {
            Preformatted(text);
            return;
        }

        while (!text.IsEmpty)
        {
            int blank = text.IndexOfAny(" \t\r\n\f");
            if (blank != 0)
            {
                Write(blank < 0 ? text : text[..blank]);
                text = blank < 0 ? default : text[blank..];
                continue;
            }

            _owesBlank = !_isAtStart;
            text = text.TrimStart(" \t\r\n\f");
        }
    }

    /// <summary>Goes to a new line, where the present one is not empty.</summary>
    public void StartLine() => Owe(1);

    /// <summary>Goes to a new line behind an empty one.</summary>
    public void StartParagraph() => Owe(2);

    /// <summary>Ends the line, also where it is empty.</summary>
    public void Break()
    {
        if (_isAtStart && _text.Length > 0)
            _owedLines++;
        Owe(1);
    }

    /// <summary>A line of dashes.</summary>
    public void Rule()
    {
        StartLine();
        Write("----------");
        StartLine();
    }

    /// <summary>What stands for a picture.</summary>
    public void Picture(string? words)
    {
        if (!string.IsNullOrWhiteSpace(words))
            Text($"[{words}]");
    }

    /// <summary>The next cell of a row.</summary>
    public void Cell()
    {
        _owesTab = !_isAtStart && _hasCell;
        _hasCell = true;
    }

    public void BeginLink(string? target)
    {
        EndLink();
        bool isShown = target is { Length: > 0 and <= MaxLinkUnits }
            && (target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        _link = isShown && !target.AsSpan().ContainsAny(" \t\r\n<>") ? target : null;
        _linkStart = _text.Length;
    }

    /// <summary>Writes a link's target behind its words, where these are not the same.</summary>
    public void EndLink()
    {
        string? target = _link;
        _link = null;
        if (target is null || _text.Length == _linkStart)
            return;
        string words = _text.ToString(_linkStart, Math.Min(_text.Length - _linkStart, MaxLinkUnits + 1)).Trim();
        if (words == target || target.AsSpan(target.IndexOf('/', StringComparison.Ordinal) + 2).TrimEnd('/').SequenceEqual(words))
            return;
        _owesBlank = true;
        Write($"<{target}>");
    }

    public void BeginList(bool isNumbered)
    {
        Owe(_open.Exists(static open => open is not null) ? 1 : 2);
        Push(isNumbered ? 1 : 0);
    }

    public void EndList()
    {
        Pop(static open => open is not null);
        Owe(_open.Exists(static open => open is not null) ? 1 : 2);
    }

    public void ListItem()
    {
        StartLine();
        int list = _open.FindLastIndex(static open => open is not null);
        if (list < 0 || _open[list] == 0)
        {
            _mark = "* ";
            return;
        }

        _mark = string.Create(CultureInfo.InvariantCulture, $"{_open[list]}. ");
        _open[list]++;
    }

    public void BeginQuotation()
    {
        StartParagraph();
        Push(null);
    }

    public void EndQuotation()
    {
        Pop(static open => open is null);
        StartParagraph();
    }

    public void BeginPreformatted()
    {
        StartParagraph();
        _preformatted++;
    }

    public void EndPreformatted()
    {
        _preformatted = Math.Max(_preformatted - 1, 0);
        StartParagraph();
    }

    /// <summary>Ends the text and returns it.</summary>
    public string Complete()
    {
        EndLink();
        return _text.Length == 0 ? "" : _text.Append("\r\n").ToString();
    }

    private void Preformatted(ReadOnlySpan<char> text)
    {
        bool isFirst = true;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            if (!isFirst)
                Break();
            if (!line.IsEmpty)
                Write(line);
            isFirst = false;
        }
    }

    private void Push(int? open)
    {
        if (_open.Count < MaxDepth)
            _open.Add(open);
        else
            _tooDeep++;
    }

    private void Pop(Predicate<int?> isMeant)
    {
        if (_tooDeep > 0)
            _tooDeep--;
        else if (_open.FindLastIndex(isMeant) is var at and >= 0)
            _open.RemoveAt(at);
    }

    private void Owe(int lines)
    {
        _owesBlank = _owesTab = _hasCell = false;
        if (_text.Length == 0)
            return;
        _owedLines = Math.Max(_owedLines, lines);
        _isAtStart = true;
    }

    private void Write(ReadOnlySpan<char> words)
    {
        if (_owedLines > 0 || _text.Length == 0)
            WriteLineStarts();
        if (_owesTab)
            _text.Append('\t');
        else if (_owesBlank)
            _text.Append(' ');
        _owesBlank = _owesTab = _isAtStart = false;
        _text.Append(words);
    }

    private void WriteLineStarts()
    {
        for (; _owedLines > 0; _owedLines--)
            _text.Append("\r\n");
        for (int i = 0; i < _open.Count; i++)
            _text.Append(_open[i] is null ? "> " : i == _open.Count - 1 && _mark is not null ? "" : "  ");
        _text.Append(_mark);
        _mark = null;
        if (_link is not null)
            _linkStart = _text.Length;
    }
}
