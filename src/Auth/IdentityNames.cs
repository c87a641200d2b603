using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;

namespace FullStack.Auth;

/// <summary>Whom an identity names: the account to log in to, and the account whose secret has to be shown.</summary>
/// <remarks>They differ for master users alone, who may act for everybody: <c>user*master</c>, or as RFC 4422 §3.4.1 has it by an authorization identity.</remarks>
internal sealed class IdentityNames
{
    /// <summary>Stands between the user and the master, as in Dovecot.</summary>
    public const char MasterSeparator = '*';

    private readonly string _defaultDomain;
    private readonly HashSet<string> _masters;

    public IdentityNames(AuthOptions options)
    {
        _defaultDomain = options.DefaultDomain;
        _masters = [.. options.MasterUsers.Select(master => TryName(master, out string account) ? account : master)];
    }

    /// <summary>The account an identity names, in the directory's spelling.</summary>
    /// <param name="identity">As the client wrote it.</param>
    /// <param name="account">The account; where there can be none of that name, what failures are counted under.</param>
    public bool TryName(string identity, out string account)
    {
        account = identity.Length > PasswordHash.MaxCharacters ? identity[..PasswordHash.MaxCharacters] : identity;
        string address = !identity.Contains('@', StringComparison.Ordinal) && _defaultDomain.Length > 0
            ? $"{identity}@{_defaultDomain}"
            : identity;
        if (identity.Length > PasswordHash.MaxCharacters || !DirectoryAddress.TryParse(address, out DirectoryAddress name))
            return false;
        account = name.ToString();
        return true;
    }

    /// <summary>Whether two identities name one account.</summary>
    public bool AreOne(string identity, string other)
        => identity == other || (TryName(identity, out string first) && TryName(other, out string second) && first == second);

    /// <param name="authorizationId">Whom the client wants to be; empty: whom it proves to be.</param>
    /// <param name="identity">Whom it proves to be.</param>
    public LoginNames Resolve(string authorizationId, string identity)
    {
        (string user, string prover) = SplitMaster(identity);
        bool isNamed = TryName(prover, out string shown) & TryName(user, out string account);
        if (authorizationId.Length == 0 || authorizationId == user)
            return new(account, shown, isNamed, MayAct: true);
        isNamed &= TryName(authorizationId, out string wanted);
        return new(wanted, shown, isNamed, MayAct: wanted == account || _masters.Contains(shown));
    }

    private (string User, string Prover) SplitMaster(string identity)
    {
        int at = _masters.Count == 0 ? -1 : identity.LastIndexOf(MasterSeparator);
        return at > 0 && TryName(identity[(at + 1)..], out string master) && _masters.Contains(master)
            ? (identity[..at], master)
            : (identity, identity);
    }
}

/// <summary>Whom an identity names.</summary>
/// <param name="Account">The account that is logged in to.</param>
/// <param name="Prover">The account whose secret is asked for.</param>
/// <param name="IsPossible">Both can exist.</param>
/// <param name="MayAct">The one may act for the other, which only who has proved to be the one is told.</param>
internal readonly record struct LoginNames(string Account, string Prover, bool IsPossible, bool MayAct);
