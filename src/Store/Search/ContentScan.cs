using System.Buffers;
using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>
/// Answers a query's texts from a message's octets: its header first, then its parts one by one, no further than needed, and
/// in bounded pieces. What it holds does not grow with the message. Blocks on the disk.
/// </summary>
/// <remarks>
/// Transfer encodings, charsets and encoded words are undone before comparing (RFC 3501 §6.4.4). Of parts that are neither text nor
/// message only the headers are searched, as the same section allows, and of any part the header only for
/// <see cref="TextField.Text"/>: RFC 9051 §6.4.4 says of BODY that "Unlike TEXT …, this doesn't match any header fields", or a
/// search of bodies would find every message with parts.
/// </remarks>
internal sealed class ContentScan : IDisposable
{
    private const int PieceUnits = 16 * 1024;

    private readonly QueryPlan _plan;
    private readonly MessageFacts _message;
    private readonly MessageContent _content;
    private readonly List<MimePart> _parts = [];
    private readonly char[] _text = ArrayPool<char>.Shared.Rent(PieceUnits);
    private int _next;
    private int[] _open = [];
    private BodyTextReader? _reader;
    private NeedleWindow? _window;

    /// <param name="plan">The query.</param>
    /// <param name="message">What is known of the message; it takes what is found.</param>
    /// <param name="root">The message's structure.</param>
    /// <param name="content">The message; disposed of with the scan.</param>
    public ContentScan(QueryPlan plan, MessageFacts message, MimePart root, MessageContent content)
    {
        (_plan, _message, _content) = (plan, message, content);
        MessageTexts.Gather(root, _parts);
        AnswerEmpty();
    }

    public MessageFacts Message => _message;

    /// <summary>Reads on until the outcome is known; false where the budget was used up before.</summary>
    /// <param name="budget">UTF-16 units, less what was read.</param>
    /// <param name="matches">The outcome.</param>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public bool TryFinish(ref long budget, out bool matches)
    {
        while (budget > 0 && (_reader is null || TryFinishBody(ref budget)))
        {
            if (_next == _parts.Count)
                AnswerOpen();
            if (_plan.Matches(_message) is { } known)
            {
                matches = known;
                return true;
            }

            budget -= BeginPart(_parts[_next++]);
        }

        matches = false;
        return false;
    }

    public void Dispose()
    {
        EndBody();
        ArrayPool<char>.Shared.Return(_text);
        _content.Close();
    }

    /// <summary>Looks into a part's header and opens its body.</summary>
    /// <returns>Octets read.</returns>
    private int BeginPart(MimePart part)
    {
        bool isOutermost = _next == 1;
        int read = OpenSlots(TextField.Text).Length > 0 || (isOutermost && OpenSlots(TextField.Header).Length > 0) ? SearchHeader(part, isOutermost) : 0;
        if (!MessageTexts.HasText(part) || _plan.Matches(_message) is not null)
            return read;
        _open = OpenSlots(TextField.Body, TextField.Text);
        if (_open.Length == 0)
            return read;
        _window = new([.. _open.Select(slot => _plan.Texts[slot].Needle)]);
        _reader = MessageTexts.OpenBody(part, _content);
        return read;
    }

    private bool TryFinishBody(ref long budget)
    {
        int units = -1;
        while (budget > 0 && _window!.IsSearching && (units = _reader!.Read(_text)) > 0)
        {
            _window.Push(_text.AsSpan(0, units));
            budget -= units;
        }

        if (units != 0 && _window!.IsSearching)
            return false;
        foreach (int place in _window!.Complete())
            _message.SetFound(_open[place], true);
        EndBody();
        return true;
    }

    private void EndBody()
    {
        _reader?.Dispose();
        _window?.Dispose();
        _reader = null;
        _window = null;
    }

    private int SearchHeader(MimePart part, bool isOutermost)
    {
        using HeaderOctets header = HeaderOctets.Read(part, _content);
        if (isOutermost)
        {
            foreach (int slot in OpenSlots(TextField.Header))
                _message.SetFound(slot, TextSearch.IsInField(_plan.Texts[slot].Needle, _plan.Texts[slot].FieldName, header.Octets));
        }

        int[] open = OpenSlots(TextField.Text);
        if (open.Length == 0)
            return header.Octets.Length;
        bool[] found = new bool[open.Length];
        TextSearch.FindInLines([.. open.Select(slot => _plan.Texts[slot].Needle)], header.Octets, found);
        for (int i = 0; i < open.Length; i++)
        {
            if (found[i])
                _message.SetFound(open[i], true);
        }

        return header.Octets.Length;
    }

    /// <summary>Every message has the empty text in it.</summary>
    private void AnswerEmpty()
    {
        foreach (int slot in OpenSlots(TextField.Body, TextField.Text))
        {
            if (_plan.Texts[slot].Needle.IsEmpty)
                _message.SetFound(slot, true);
        }
    }

    /// <summary>What was not found anywhere is not there.</summary>
    private void AnswerOpen()
    {
        for (int slot = 0; slot < _plan.Texts.Count; slot++)
        {
            if (_message.Found(slot) is null)
                _message.SetFound(slot, false);
        }
    }

    private int[] OpenSlots(TextField field, TextField orField = (TextField)(-1))
    {
        List<int>? open = null;
        for (int slot = 0; slot < _plan.Texts.Count; slot++)
        {
            TextField asked = _plan.Texts[slot].Field;
            if ((asked == field || asked == orField) && _message.Found(slot) is null)
                (open ??= []).Add(slot);
        }

        return open is null ? [] : [.. open];
    }
}
