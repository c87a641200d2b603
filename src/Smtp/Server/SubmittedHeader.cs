using System.Buffers;
using System.Text;
using FullStack.Mime;

namespace FullStack.Smtp.Server;

/// <summary>The header of a submitted message: who it says that it is from, what it lacks, and what no recipient is to see.</summary>
/// <remarks>
/// RFC 6409 §6.1 and §8. Where a message was sent on (Resent-From), who did that answers for it, not the author (RFC 5322 §3.6.6): the uppermost of these fields
/// counts in the place of From. A field From that nobody may repeat (RFC 5322 §3.6) is refused when it comes twice, for programs differ in which one they show.
/// Sender is withheld until the header is over, for whether it may stand depends on From, which may come later.
/// </remarks>
/// <param name="options">What is looked at.</param>
/// <param name="completion">Values for what is missing.</param>
internal sealed class SubmittedHeader(SubmissionOptions options, HeaderCompletion completion)
{
    /// <summary>Longest value read, its folding included; what is longer belongs to nobody.</summary>
    private const int MaxValueOctets = 16 * 1024;

    /// <summary>Most octets of fields kept that recipients do not see.</summary>
    private const int MaxHiddenOctets = 64 * 1024;

    private static readonly DeliveryStatus s_foreignFrom = new(550, new(5, 7, 1), "The From of the message does not belong to your account");
    private static readonly DeliveryStatus s_foreignSender = new(550, new(5, 7, 1), "The Sender of the message does not belong to your account");
    private static readonly DeliveryStatus s_twice = new(550, new(5, 6, 0), "A message has one From and one Sender field");

    private readonly SubmittedField _from = new(MaxValueOctets);
    private readonly SubmittedField _resentFrom = new(MaxValueOctets);
    private readonly SubmittedField _sender = new(MaxValueOctets);
    private readonly SubmittedField _hidden = new(MaxHiddenOctets);
    private SubmittedField? _current;
    private bool _hasDate;
    private bool _hasMessageId;

    /// <summary>The fields that recipients do not see, as the client sent them.</summary>
    public ReadOnlyMemory<byte> Hidden => _hidden.IsTooLong ? default : _hidden.Value;

    private bool IsJudged => options.ForeignFrom != ForeignFrom.Allow;

    /// <summary>A field begins.</summary>
    /// <returns>It is withheld: it does not go on with the others.</returns>
    public bool Begin(ReadOnlySpan<byte> name)
    {
        _hasDate |= Ascii.EqualsIgnoreCase(name, "Date"u8);
        _hasMessageId |= Ascii.EqualsIgnoreCase(name, "Message-ID"u8);
        _current = Ascii.EqualsIgnoreCase(name, "From"u8) ? _from
            : Ascii.EqualsIgnoreCase(name, "Resent-From"u8) && _resentFrom.Count == 0 ? _resentFrom
            : Ascii.EqualsIgnoreCase(name, "Sender"u8) && IsJudged ? _sender
            : IsBcc(name) && options.RemoveBcc ? _hidden : null;
        if (_current is null)
            return false;
        _current.Count++;
        if (_current != _hidden)
            return _current == _sender;
        _hidden.Add(name);
        _hidden.Add(":"u8);
        return true;
    }

    /// <summary>The next piece of its value, line ends included.</summary>
    public void Add(ReadOnlySpan<byte> octets) => _current?.Add(octets);

    /// <summary>The header is over: judges it.</summary>
    /// <param name="owns">Whether an address belongs to the account: a success, a refusal, or that it cannot be said now.</param>
    /// <returns>The refusal, and else the fields to be added.</returns>
    public async ValueTask<(DeliveryStatus? Refusal, byte[] Missing)> EndAsync(Func<MailboxAddress, ValueTask<DeliveryStatus>> owns)
    {
        StringBuilder missing = new();
        if (!_hasDate)
            missing.Append("Date: ").Append(completion.Date).Append("\r\n");
        if (_from.Count == 0)
            missing.Append("From: ").Append(completion.From).Append("\r\n");
        if (!_hasMessageId)
            missing.Append("Message-ID: ").Append(completion.MessageId).Append("\r\n");
        if (!IsJudged)
            return (null, Encoding.UTF8.GetBytes(missing.ToString()));

        if (_from.Count > 1 || _sender.Count > 1)
            return (s_twice, []);
        Ownership author = _resentFrom.Count > 0 ? await OwnershipAsync(_resentFrom, owns)
            : _from.Count > 0 ? await OwnershipAsync(_from, owns) : Ownership.OfOne;
        Ownership sender = _sender.Count > 0 ? await OwnershipAsync(_sender, owns) : Ownership.None;
        if ((author.Trouble ?? sender.Trouble) is { } trouble)
            return (trouble, []);
        if (options.ForeignFrom == ForeignFrom.Refuse && !author.IsOwn)
            return (s_foreignFrom, []);
        if (options.ForeignFrom == ForeignFrom.Refuse && _sender.Count > 0 && !sender.IsOwn)
            return (s_foreignSender, []);

        byte[] fields = Encoding.UTF8.GetBytes(missing.ToString());
        if (sender.IsOwn)
            return (null, [.. fields, .. "Sender:"u8, .. _sender.Value.Span]);
        return (null, author is { IsOwn: true, Addresses: 1 } ? fields : [.. fields, .. Encoding.UTF8.GetBytes($"Sender: {completion.From}\r\n")]);
    }

    private static bool IsBcc(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "Bcc"u8) || Ascii.EqualsIgnoreCase(name, "Resent-Bcc"u8);

    private static async ValueTask<Ownership> OwnershipAsync(SubmittedField field, Func<MailboxAddress, ValueTask<DeliveryStatus>> owns)
    {
        if (field.IsTooLong)
            return Ownership.None;
        int addresses = 0;
        foreach (MessageAddress address in AddressList.Parse(field.Value.Span))
        {
            if (address.IsGroupStart || address.IsGroupEnd)
                continue;
            if (!TryRead(address, out MailboxAddress? mailbox))
                return Ownership.None;
            DeliveryStatus verdict = await owns(mailbox);
            if (!verdict.IsSuccess)
                return verdict.IsTemporary ? new(false, 0, verdict) : Ownership.None;
            addresses++;
        }

        return new(addresses > 0, addresses, null);
    }

    private static bool TryRead(MessageAddress address, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MailboxAddress? mailbox)
    {
        mailbox = null;
        if (address.Mailbox is not { IsEmpty: false } local || address.Host is not { IsEmpty: false } host
            || !System.Text.Unicode.Utf8.IsValid(local.Span) || !System.Text.Unicode.Utf8.IsValid(host.Span))
            return false;
        mailbox = new(Encoding.UTF8.GetString(local.Span), Encoding.UTF8.GetString(host.Span));
        return true;
    }

    /// <summary>Whose the addresses of a field are.</summary>
    /// <param name="IsOwn">There are some, and all of them are the account's.</param>
    /// <param name="Addresses">How many.</param>
    /// <param name="Trouble">Why it cannot be said now; null where it can.</param>
    private readonly record struct Ownership(bool IsOwn, int Addresses, DeliveryStatus? Trouble)
    {
        public static Ownership None => default;

        public static Ownership OfOne => new(true, 1, null);
    }
}

/// <summary>Values for fields that a submitted message should have and lacks.</summary>
/// <remarks>RFC 6409 §8.2 and §8.3; RFC 5322 §3.6 requires Date and From.</remarks>
internal sealed record HeaderCompletion(string Date, string From, string MessageId);
