using FullStack.Store.Delivery;

namespace FullStack.Store.Mbox;

/// <summary>
/// Makes a message into what stands in an mbox: From_ line, header without the fields in which mbox programs keep what they
/// know, those fields as the mailbox has them, the body quoted as mboxrd, and an empty line. Takes pieces of any size.
/// </summary>
/// <remarks>
/// The fields that a message brings along are dropped: with them its sender could say that it is read, under which UID it is
/// known and, by Content-Length, that the messages behind it are part of it.
/// </remarks>
internal sealed class MboxEncoder
{
    private readonly OctetTaker _sink;
    private readonly byte[] _fields;
    private readonly byte[] _held = new byte[MboxQuoting.LookOctets];
    private int _heldOctets;
    private bool _inHeader = true;
    private bool _inLine;
    private bool _dropping;
    private bool _endsWithFeed = true;
    private bool _endsWithReturn;

    /// <param name="fromLine">The From_ line.</param>
    /// <param name="fields">The metadata fields.</param>
    /// <param name="sink">Takes what is to be written.</param>
    public MboxEncoder(byte[] fromLine, byte[] fields, OctetTaker sink)
    {
        (_fields, _sink) = (fields, sink);
        Give(fromLine);
    }

    /// <summary>Octets given to the sink.</summary>
    public long Octets { get; private set; }

    /// <summary>Octets of the message on the wire, as it can be read again.</summary>
    public long WireOctets { get; private set; }

    /// <summary>Whether it can be read again exactly as it was given: no field was dropped, no missing line end added.</summary>
    public bool IsExact { get; private set; } = true;

    public void Push(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            int feed = octets.IndexOf((byte)'\n');
            int length = feed < 0 ? octets.Length : feed + 1;
            if (_inLine)
                Pass(octets[..length], feed >= 0);
            else
                length = BeginLine(octets, length, feed >= 0);
            octets = octets[length..];
        }
    }

    public void Complete()
    {
        if (_inHeader && _heldOctets == 1 && _held[0] == '\r')
        {
            // With the line end that it lacks it is the empty line.
            _held[_heldOctets++] = (byte)'\n';
            IsExact = false;
            Decide(_held.AsSpan(0, _heldOctets), ends: true);
        }

        if (_heldOctets > 0)
            Decide(_held.AsSpan(0, _heldOctets), ends: false);
        if (!_endsWithFeed && !(_dropping && _inLine))
            AddFeed();
        if (_inHeader)
        {
            Give(_fields);
            AddFeed();
        }

        Give("\n"u8);
    }

    /// <summary>Waits until a line's beginning, or the whole of a short line, is there, and decides on it.</summary>
    private int BeginLine(ReadOnlySpan<byte> octets, int length, bool ends)
    {
        int taken = Math.Min(length, _held.Length - _heldOctets);
        bool whole = ends && taken == length;
        if (_heldOctets == 0 && (whole || taken == _held.Length))
        {
            Decide(octets[..taken], whole);
            return taken;
        }

        octets[..taken].CopyTo(_held.AsSpan(_heldOctets));
        _heldOctets += taken;
        if (whole || _heldOctets == _held.Length)
            Decide(_held.AsSpan(0, _heldOctets), whole);
        return taken;
    }

    private void Decide(ReadOnlySpan<byte> line, bool ends)
    {
        _heldOctets = 0;
        _inLine = true;
        if (_inHeader && line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'])
        {
            Give(_fields);
            (_inHeader, _dropping) = (false, false);
        }
        else if (_inHeader && line[0] is not ((byte)' ' or (byte)'\t'))
            _dropping = MboxFieldNames.TryMatch(line, out _, out _);
        if (_dropping)
            IsExact = false;
        else if (MboxQuoting.Look(line) >= 0)
            Give(">"u8);
        Pass(line, ends);
    }

    private void Pass(ReadOnlySpan<byte> octets, bool ends)
    {
        _inLine = !ends;
        if (_dropping)
            return;
        bool afterReturn = octets.Length > 1 ? octets[^2] == '\r' : _endsWithReturn;
        WireOctets += octets.Length + (ends && !afterReturn ? 1 : 0);
        (_endsWithFeed, _endsWithReturn) = (ends, octets[^1] == '\r');
        Give(octets);
    }

    private void AddFeed()
    {
        IsExact = false;
        WireOctets += _endsWithReturn ? 1 : 2;
        (_endsWithFeed, _endsWithReturn) = (true, false);
        Give("\n"u8);
    }

    private void Give(ReadOnlySpan<byte> octets)
    {
        Octets += octets.Length;
        _sink(octets);
    }
}
