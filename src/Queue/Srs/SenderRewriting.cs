using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Smtp;

namespace FullStack.Queue.Srs;

/// <summary>What an address in a rewritten form turned out to be.</summary>
public enum SrsOutcome
{
    /// <summary>It is none of ours: an ordinary address.</summary>
    NotRewritten,

    /// <summary>It is genuine, and leads on.</summary>
    Good,

    /// <summary>It was made too long ago.</summary>
    Expired,

    /// <summary>No key of ours made it.</summary>
    Forged,
}

/// <summary>
/// The Sender Rewriting Scheme: gives forwarded mail a sender in a domain of ours, so that hosts which check SPF take it from us, and finds from such an
/// address back to the sender, so that bounces do not get lost.
/// </summary>
/// <remarks>
/// <para>
/// <c>SRS0=hash=day=domain=local@ours</c> for an ordinary sender. A sender that another forwarder has rewritten becomes
/// <c>SRS1=hash=its domain==hash=day=domain=local@ours</c>, and one that has been through two stays as long as it is: bounces go to the first
/// forwarder, and from there to the sender. Day is the tenth part of a second thousand days in base 32; hash the beginning of an HMAC-SHA1, in base 64, of
/// what stands behind it in lower case. Both compare without case, because hosts change the case of local parts.
/// </para>
/// <para>Of the keys the first makes addresses, all are good to check them, so that a new one can be put in front.</para>
/// </remarks>
/// <param name="domain">The domain of rewritten senders; mail for it has to come here.</param>
/// <param name="keys">At least one.</param>
/// <param name="time">The time.</param>
public sealed class SenderRewriting(string domain, IReadOnlyList<byte[]> keys, TimeProvider time)
{
    /// <summary>How long after it was made an address leads back: notices come within days.</summary>
    public const int ValidDays = 21;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int HashCharacters = 4;
    private const int DaysInCircle = 1024;
    private const string Srs0 = "SRS0";
    private const string Srs1 = "SRS1";

    /// <summary>What may stand behind SRS0 and SRS1: forwarders differ in it.</summary>
    private const string Separators = "=+-";

    public string Domain => domain;

    /// <summary>The sender under which mail from one is forwarded.</summary>
    /// <param name="sender">The sender.</param>
    /// <returns>The same where it has none, or where the address would be too long for hosts to take it.</returns>
    public ReversePath Rewrite(ReversePath sender)
    {
        if (sender.Address is not { } address || address.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase))
            return sender;
        string local = address.LocalPart;
        string rewritten;
        if (Is(local, Srs0))
            rewritten = OfForwarder(address.Domain, local[Srs0.Length..]);
        else if (Is(local, Srs1) && local[5..].Split('=', 3) is [_, { Length: > 0 } first, { } rest])
            rewritten = OfForwarder(first, rest);
        else
        {
            string day = DayOf(time.GetUtcNow());
            rewritten = $"{Srs0}={Hash(keys[0], day + address.Domain + local)}={day}={address.Domain}={local}";
        }

        return Encoding.UTF8.GetByteCount(rewritten) <= MailboxAddress.MaxLocalPartOctets ? new(rewritten, domain) : sender;
    }

    /// <summary>Finds from a rewritten address to where it leads: the sender, or the forwarder that knows him.</summary>
    /// <param name="address">An address.</param>
    /// <param name="origin">Where it leads; null but with <see cref="SrsOutcome.Good"/>.</param>
    public SrsOutcome Resolve(MailboxAddress address, out MailboxAddress? origin)
    {
        origin = null;
        if (!address.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase))
            return SrsOutcome.NotRewritten;
        if (Is(address.LocalPart, Srs0))
            return ResolveSender(address.LocalPart[5..], out origin);
        return Is(address.LocalPart, Srs1) ? ResolveForwarder(address.LocalPart[5..], out origin) : SrsOutcome.NotRewritten;
    }

    private SrsOutcome ResolveSender(string text, out MailboxAddress? origin)
    {
        origin = null;
        if (text.Split('=', 4) is not [{ } hash, { Length: 2 } day, { Length: > 0 } sender, { Length: > 0 } local] || !IsOurs(hash, day + sender + local))
            return SrsOutcome.Forged;
        if (AgeOf(day) is not (>= 0 and <= ValidDays))
            return SrsOutcome.Expired;
        origin = new(local, sender);
        return SrsOutcome.Good;
    }

    private SrsOutcome ResolveForwarder(string text, out MailboxAddress? origin)
    {
        origin = null;
        if (text.Split('=', 3) is not [{ } hash, { Length: > 0 } forwarder, { Length: > 0 } rest] || !Separators.Contains(rest[0], StringComparison.Ordinal) || !IsOurs(hash, forwarder + rest))
            return SrsOutcome.Forged;
        origin = new(Srs0 + rest, forwarder);
        return SrsOutcome.Good;
    }

    private string OfForwarder(string forwarder, string rest) => $"{Srs1}={Hash(keys[0], forwarder + rest)}={forwarder}={rest}";

    private static bool Is(string local, string tag)
        => local.Length > tag.Length + 1 && local.StartsWith(tag, StringComparison.OrdinalIgnoreCase) && Separators.Contains(local[tag.Length], StringComparison.Ordinal);

    private bool IsOurs(string hash, string text)
    {
        if (hash.Length != HashCharacters)
            return false;
        bool found = false;
        foreach (byte[] key in keys)
            found |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(hash.ToLowerInvariant()), Encoding.UTF8.GetBytes(Hash(key, text).ToLowerInvariant()));
        return found;
    }

    private static string Hash(byte[] key, string text)
        => Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(text.ToLowerInvariant())))[..HashCharacters];

    private static string DayOf(DateTimeOffset now)
    {
        int day = (int)(now.ToUnixTimeSeconds() / 86400 % DaysInCircle);
        return string.Create(CultureInfo.InvariantCulture, $"{Base32[day >> 5]}{Base32[day & 31]}");
    }

    /// <summary>Days since a day; null where it is none.</summary>
    private int? AgeOf(string day)
    {
        int high = Base32.IndexOf(char.ToUpperInvariant(day[0]), StringComparison.Ordinal);
        int low = Base32.IndexOf(char.ToUpperInvariant(day[1]), StringComparison.Ordinal);
        if (high < 0 || low < 0)
            return null;
        int today = (int)(time.GetUtcNow().ToUnixTimeSeconds() / 86400 % DaysInCircle);
        return (today - (high * 32 + low) + DaysInCircle) % DaysInCircle;
    }
}
