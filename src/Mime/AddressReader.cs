using System.Buffers;

namespace FullStack.Mime;

/// <summary>Reads one unfolded address list, entry by entry, in time linear in its length.</summary>
/// <remarks>
/// <para>
/// Words are gathered twice until it is known what they are: all of them, joined by blanks, as a phrase, and the last ones as a
/// local part, in which blanks around dots vanish (RFC 5322 §4.4 obs-local-part): the unit.
/// </para>
/// <para>
/// Edges: words → angle at <c>&lt;</c>; words → domain at <c>@</c>; words → group at <c>:</c>; any → entry done at a comma,
/// semicolon or the end. Behind a complete address all but a comment and an angle is junk up to the next comma or semicolon.
/// </para>
/// </remarks>
internal ref struct AddressReader
{
    private static readonly SearchValues<byte> NotInAtom = SearchValues.Create(" \t()<>@,;:\"\\"u8);
    private readonly ReadOnlySpan<byte> _value;
    private readonly Span<byte> _text;
    private WordGatherer _words;
    private int _at;
    private bool _spaceBefore, _started, _inGroup;
    private ReadOnlyMemory<byte>? _comment;

    /// <param name="value">The list.</param>
    /// <param name="scratch">At least 4 × its length + 1 octets.</param>
    public AddressReader(ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        _value = value;
        _text = scratch[..value.Length];
        _words = new WordGatherer(scratch[value.Length..]);
    }

    private static ReadOnlyMemory<byte> Empty => ReadOnlyMemory<byte>.Empty;

    /// <summary>Reads all entries until the list holds <paramref name="most"/>.</summary>
    public void ReadAll(List<MessageAddress> addresses, int most)
    {
        while (_at < _value.Length && addresses.Count < most - 2)
            ReadEntry(addresses);
        if (_inGroup)
            addresses.Add(MessageAddress.GroupEnd);
    }

    private void ReadEntry(List<MessageAddress> addresses)
    {
        _words.Clear();
        _comment = null;
        _started = false;
        while (_at < _value.Length && _value[_at] is not ((byte)',' or (byte)';'))
        {
            switch (_value[_at])
            {
                case (byte)':' when !_inGroup && _words.Count > 0:
                    _at++;
                    _inGroup = true;
                    addresses.Add(new MessageAddress(null, null, _words.Phrase ?? Empty, null));
                    return;
                case (byte)'<':
                    ReadAngle(addresses, _words.Phrase);
                    return;
                case (byte)'@':
                    ReadAddrSpec(addresses);
                    return;
                case (byte)':':
                    _at++;
                    break;
                default:
                    ReadWordOrBlank();
                    break;
            }
        }

        // Words without an address: a lone atom is a local part, anything else a display name.
        if (_words.IsLoneAtom)
            addresses.Add(new MessageAddress(_comment, null, _words.Unit, Empty));
        else if (_words.Count > 0)
            addresses.Add(new MessageAddress(_words.Phrase ?? _comment, null, Empty, Empty));
        EndEntry(addresses);
    }

    private void EndEntry(List<MessageAddress> addresses)
    {
        if (_at == _value.Length)
            return;
        byte end = _value[_at++];
        if (end != ';' || !_inGroup)
            return;
        _inGroup = false;
        addresses.Add(MessageAddress.GroupEnd);
    }

    /// <summary>From the at sign of an address without angles.</summary>
    private void ReadAddrSpec(List<MessageAddress> addresses)
    {
        _started = true;
        ReadOnlyMemory<byte> mailbox = _words.Unit;
        ReadOnlyMemory<byte>? name = _words.PhraseBeforeUnit;
        _at++;
        ReadOnlyMemory<byte> host = ReadDomain();
        SkipJunk();
        if (_at < _value.Length && _value[_at] == '<')
        {
            // An address as display name of itself, unquoted: the one in angles counts (RFC 5322 §3.4 angle-addr).
            ReadAngle(addresses, (byte[])[.. mailbox.Span, (byte)'@', .. host.Span]);
            return;
        }

        addresses.Add(new MessageAddress(name ?? _comment, null, mailbox, host));
        EndEntry(addresses);
    }

    /// <summary>From an opening angle: route, local part, domain (RFC 5322 §3.4, §4.4 obs-angle-addr).</summary>
    private void ReadAngle(List<MessageAddress> addresses, ReadOnlyMemory<byte>? name)
    {
        _started = true;
        _at++;
        ReadOnlyMemory<byte>? route = ReadRoute();
        int start = _at, lastAt = -1;
        ReadOnlyMemory<byte>? mailbox = null;
        ReadOnlyMemory<byte> host = Empty;
        _words.Clear();
        while (_at < _value.Length && _value[_at] is not ((byte)'>' or (byte)',' or (byte)';'))
        {
            if (_value[_at] == '@')
            {
                // Of several at signs the last one counts.
                mailbox = lastAt < 0 ? _words.Whole : HeaderValue.None;
                lastAt = _at++;
                host = ReadDomain();
            }
            else if (_value[_at] is (byte)':' or (byte)'<')
            {
                _words.Add(_value.Slice(_at++, 1), quoted: false, apart: false);
            }
            else
            {
                ReadWordOrBlank();
            }
        }

        if (lastAt < 0)
            mailbox = _words.Whole;
        mailbox ??= _value[start..lastAt].ToArray();
        do
        {
            if (_at < _value.Length && _value[_at] is (byte)'>' or (byte)'<')
                _at++;
            SkipJunk();
        }
        while (_at < _value.Length && _value[_at] == '<');

        addresses.Add(new MessageAddress(name, route, mailbox, host));
        EndEntry(addresses);
    }

    /// <summary><c>@a,@b:</c> in front of a local part; null, and nothing consumed, where there is none.</summary>
    private ReadOnlyMemory<byte>? ReadRoute()
    {
        ReadOnlySpan<byte> rest = _value[_at..];
        int start = rest.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)',');
        if (start < 0 || rest[start] != '@')
            return null;
        int end = rest.IndexOfAny(":><;\""u8);
        if (end < 0 || rest[end] != ':')
            return null;

        _at += end + 1;
        byte[] route = new byte[end - start];
        int length = 0;
        foreach (byte octet in rest[start..end])
        {
            if (octet is not ((byte)' ' or (byte)'\t'))
                route[length++] = octet;
        }

        return route.AsMemory(0, length);
    }

    /// <summary>A dot-atom, blanks around its dots dropped, or a domain literal; empty where there is none.</summary>
    private ReadOnlyMemory<byte> ReadDomain()
    {
        SkipBlanks();
        if (_at < _value.Length && _value[_at] == '[')
            return ReadDomainLiteral();

        int length = 0;
        while (_at < _value.Length && !NotInAtom.Contains(_value[_at]) && (length == 0 || _text[length - 1] == '.' || _value[_at] == '.'))
        {
            ReadOnlySpan<byte> atom = TakeAtom();
            atom.CopyTo(_text[length..]);
            length += atom.Length;
            SkipBlanks(length);
        }

        return _text[..length].ToArray();
    }

    private ReadOnlyMemory<byte> ReadDomainLiteral()
    {
        int end = _value[_at..].IndexOfAny((byte)']', (byte)'>');
        int length = end < 0 ? _value.Length - _at : _value[_at + end] == ']' ? end + 1 : end;
        _at += length;
        return _value.Slice(_at - length, length).ToArray();
    }

    /// <summary>Passes blanks and comments; what the scratch text holds up to <paramref name="kept"/> stays.</summary>
    private void SkipBlanks(int kept = 0)
    {
        while (_at < _value.Length && _value[_at] is (byte)' ' or (byte)'\t' or (byte)'(')
        {
            if (_value[_at] == '(')
                ReadComment(kept);
            else
                _at++;
        }
    }

    /// <summary>Goes to the next comma, semicolon or opening angle; comments on the way are kept.</summary>
    private void SkipJunk()
    {
        while (_at < _value.Length && _value[_at] is not ((byte)',' or (byte)';' or (byte)'<'))
        {
            if (_value[_at] is (byte)'@' or (byte)':')
                _at++;
            else
                ReadWordOrBlank();
            _words.Clear();
        }
    }

    private void ReadWordOrBlank()
    {
        switch (_value[_at])
        {
            case (byte)' ' or (byte)'\t':
                _spaceBefore = true;
                _at++;
                break;
            case (byte)'(':
                ReadComment(kept: 0);
                _spaceBefore = true;
                break;
            case (byte)'"':
                ReadQuoted();
                break;
            case (byte)')' or (byte)'>':
                _at++;
                break;
            case (byte)'\\':
                // A backslash outside quotes still quotes.
                _at = Math.Min(_at + 1, _value.Length - 1);
                AddWord(_value.Slice(_at++, 1), quoted: false);
                break;
            default:
                AddWord(TakeAtom(), quoted: false);
                break;
        }
    }

    private ReadOnlySpan<byte> TakeAtom()
    {
        ReadOnlySpan<byte> rest = _value[_at..];
        int length = rest.IndexOfAny(NotInAtom);
        ReadOnlySpan<byte> atom = length < 0 ? rest : rest[..length];
        _at += atom.Length;
        return atom;
    }

    private void ReadQuoted()
    {
        int length = 0;
        for (_at++; _at < _value.Length && _value[_at] != '"'; _at++)
        {
            if (_value[_at] == '\\' && _at + 1 < _value.Length)
                _at++;
            _text[length++] = _value[_at];
        }

        if (_at < _value.Length)
            _at++;
        AddWord(_text[..length], quoted: true);
    }

    private void AddWord(ReadOnlySpan<byte> text, bool quoted)
    {
        _words.Add(text, quoted, apart: _spaceBefore);
        _spaceBefore = false;
        _started = true;
    }

    /// <summary>Keeps a comment's text, runs of blanks as one; only behind a word, since one in front names nobody.</summary>
    private void ReadComment(int kept)
    {
        int length = kept, depth = 0;
        for (; _at < _value.Length; _at++)
        {
            byte octet = _value[_at];
            if (octet == '(' && depth++ == 0)
                continue;
            if (octet == ')' && --depth == 0)
                break;
            if (octet == '\\' && _at + 1 < _value.Length)
                octet = _value[++_at];
            bool blank = octet is (byte)' ' or (byte)'\t';
            if (!blank)
                _text[length++] = octet;
            else if (length > kept && _text[length - 1] != ' ')
                _text[length++] = (byte)' ';
        }

        if (_at < _value.Length)
            _at++;
        ReadOnlySpan<byte> text = _text[kept..length].TrimEnd((byte)' ');
        if (!text.IsEmpty && _started)
            _comment = text.ToArray();
    }
}
