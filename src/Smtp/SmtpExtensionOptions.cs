using System.ComponentModel.DataAnnotations;

namespace FullStack.Smtp;

/// <summary>To whom it is told which addresses there are.</summary>
public enum AddressDisclosure
{
    Nobody,

    /// <summary>Users who have logged in to submit mail.</summary>
    Users,

    Everybody,
}

/// <summary>Settings of service extensions.</summary>
public sealed class SmtpExtensionOptions
{
    /// <summary>Least time that a sender may give for delivery, if the message is to come back after it (DELIVERBY, RFC 2852 §3); zero: any.</summary>
    public TimeSpan DeliverByMinimum { get; init; } = TimeSpan.Zero;

    /// <summary>Longest time for which users may have their messages held back (FUTURERELEASE, RFC 4865 §3); zero: it is not offered.</summary>
    public TimeSpan MaxHold { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Highest priority that users may give their messages (MT-PRIORITY, RFC 6710 §4.1). Other hosts may only lower it.</summary>
    [Range(0, 9)] public int MaxPriority { get; init; } = 4;

    /// <summary>Whether port 25 takes mail; if not, it says so to whoever comes (RFC 7504).</summary>
    public bool AcceptsMail { get; init; } = true;

    /// <summary>Who hears by VRFY and EXPN who is here.</summary>
    public AddressDisclosure TellAddresses { get; init; } = AddressDisclosure.Users;

    /// <summary>Classes of solicitations that are refused (NO-SOLICITING, RFC 3865).</summary>
    public IReadOnlyList<string> NoSoliciting { get; init; } = [];
}
