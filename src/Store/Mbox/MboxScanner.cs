namespace FullStack.Store.Mbox;

/// <summary>
/// Finds the messages of an mbox in octets that are pushed in pieces of any size, in bounded memory. Reads mboxo, mboxrd,
/// mboxcl and mboxcl2.
/// </summary>
/// <remarks>
/// A message begins with a From_ line (<see cref="FromLine"/>) that is the file's first line or follows an empty one. The
/// body of a message with Content-Length has that length where behind it stand an empty line and a From_ line, or the end of
/// the file: only then is a From_ line within it text. Such a body is not quoted, but where mutt wrote the field (then Lines
/// follows it): mutt counts bodies that other programs quoted.
/// <code>
/// Preamble    empty line → Preamble; "From " → Header; else → Damaged
/// Header      empty line → Body, or Counted where Content-Length holds
/// Body        From_ line after an empty line → message ends, Header
/// Counted     the length is used up → Closed
/// Closed      empty line → Closed; From_ line → message ends, Header; else → Body
/// </code>
/// </remarks>
internal sealed class MboxScanner : IDisposable
{
    /// <summary>Octets of a line that are looked at. A line may be longer; the fields and lines that matter are not.</summary>
    public const int HeadOctets = 32 * 1024;

    private enum State
    {
        Preamble,
        Header,
        Body,
        Counted,
        Closed,
        Damaged,
    }

    private readonly MboxLines _lines;
    private readonly Func<long, bool> _isBoundary;
    private readonly Action<MboxMessage> _found;
    private readonly MessageUnderScan _message;
    private State _state = State.Preamble;
    private bool _afterEmpty;

    /// <param name="offset">Where in the file the pushed octets begin: at 0 or at a From_ line.</param>
    /// <param name="isBoundary">Tells whether at an offset of the file a message may end: <see cref="MboxBoundary"/>.</param>
    /// <param name="found">Takes each message when its end is known.</param>
    public MboxScanner(long offset, Func<long, bool> isBoundary, Action<MboxMessage> found)
    {
        (_isBoundary, _found) = (isBoundary, found);
        _message = new(isFirst: offset == 0);
        _lines = new(offset, HeadOctets);
    }

    /// <summary>The file does not begin as an mbox does.</summary>
    public bool IsDamaged => _state == State.Damaged;

    /// <summary>Offset up to which octets were taken.</summary>
    public long Position => _lines.Position;

    /// <summary>Takes the next octets.</summary>
    public void Push(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty && _state != State.Damaged)
        {
            long limit = _state == State.Counted ? _message.CountedEnd : long.MaxValue;
            int taken = _lines.Push(octets, limit, out MboxLine line);
            if (line.IsComplete)
                Take(line);
            octets = octets[taken..];
        }
    }

    /// <summary>The file ends here.</summary>
    public void Complete()
    {
        if (_lines.TryComplete(out MboxLine line))
            Take(line);
        if (_state is not (State.Preamble or State.Damaged))
            End(_lines.Position);
    }

    public void Dispose() => _message.Dispose();

    private void Take(in MboxLine line)
    {
        switch (_state)
        {
            case State.Preamble:
                if (line.Head.StartsWith(FromLine.Prefix))
                    Begin(line);
                else if (!line.IsEmpty)
                    _state = State.Damaged;
                break;
            case State.Header:
                if (line.IsEmpty)
                    BeginBody(line);
                else
                    _message.AddHeaderLine(line);
                break;
            case State.Counted:
                _message.AddBodyLine(line);
                if (_lines.Position >= _message.CountedEnd)
                    _state = State.Closed;
                break;
            case State.Closed or State.Body:
                TakeBodyLine(line);
                break;
        }
    }

    private void TakeBodyLine(in MboxLine line)
    {
        if (_afterEmpty && FromLine.TryParse(line.Content, out _))
        {
            End(line.Offset);
            Begin(line);
            return;
        }

        if (_state == State.Closed && !line.IsEmpty)
        {
            // The file is not what it was when the boundary was looked at.
            _message.Reopen();
            _state = State.Body;
        }

        _afterEmpty = line.IsEmpty;
        if (_state == State.Body)
            _message.AddBodyLine(line);
    }

    private void Begin(in MboxLine line)
    {
        _message.Begin(line);
        _afterEmpty = false;
        _state = State.Header;
    }

    private void BeginBody(in MboxLine line)
    {
        _message.EndHeader(line);
        long counted = _message.ContentLength;
        bool holds = counted >= 0 && counted <= long.MaxValue - _lines.Position && _isBoundary(_lines.Position + counted);
        if (holds)
            _message.Count(_lines.Position + counted);
        _state = !holds ? State.Body : counted == 0 ? State.Closed : State.Counted;

        // Of a message without body the empty line that ends its header is the one before the next From_ line.
        _afterEmpty = true;
    }

    private void End(long next)
    {
        _found(_message.End(next));
        _state = State.Preamble;
    }
}
