using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using Microsoft.Extensions.Logging;

namespace FullStack.Auth;

/// <summary>Puts a password that was imported as a foreign hash into our own form once its owner has shown it.</summary>
/// <remarks>
/// Only a login has the password in hand, and only a SCRAM verifier serves every mechanism: so the accounts of an import
/// move over one by one, without anybody's doing.
/// </remarks>
internal sealed class HashUpgrade(AccountDirectory directory, AuthTrouble trouble, ILogger logger)
{
    /// <summary>Replaces what is stored, unless it was changed meanwhile: a password set while this login ran stays. Blocks.</summary>
    /// <param name="account">The account.</param>
    /// <param name="stored">What the password was just checked against.</param>
    /// <param name="password">The password, which matched.</param>
    /// <returns>What is stored now as far as this login knows.</returns>
    public string Apply(string account, string stored, string password)
    {
        string own = directory.CreateSecret(account, password);
        try
        {
            if (directory.ReplaceSecret(account, stored, own) != DirectoryOutcome.Done)
                return stored;
        }
        catch (DirectoryUnavailableException e)
        {
            trouble.SecretKept(account, e); // the login stands; the next one tries again
            return stored;
        }

        AuthLog.SecretUpgraded(logger, account);
        return own;
    }
}
