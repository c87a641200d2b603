using FullStack.Auth.Backends;
using FullStack.Auth.Sasl;

namespace FullStack.Auth;

/// <summary>Lets in who has shown who he is, where his account and the administrator's rules have it so.</summary>
/// <remarks>What is wrong with an account, and where it is, learns only who has shown that he may know it.</remarks>
/// <param name="memory">The accounts, and who is held back.</param>
/// <param name="names">Whom identities name.</param>
/// <param name="anonymousAccount">The account that is anybody's; empty: none is.</param>
internal sealed class LoginAdmission(LoginMemory memory, IdentityNames names, string anonymousAccount)
{
    /// <summary>Ends a login whose proof was right.</summary>
    /// <param name="claim">Whose.</param>
    /// <param name="ct">Ends the wait that a refusal may ask for.</param>
    public async ValueTask<LoginResult> AcceptAsync(LoginClaim claim, CancellationToken ct)
    {
        (string account, string prover, _, bool mayAct) = claim.Names;
        if (!mayAct)
            return new(LoginOutcome.NotAuthorized, null);
        try
        {
            if (await memory.Accounts.FindUserAsync(account, ct) is not { } user)
                return new(account == prover ? LoginOutcome.Refused : LoginOutcome.NotAuthorized, null); // removed a moment ago; or a master user's mistake
            foreach (LoginRules rules in (LoginRules[])[user.Login, claim.Found?.Credential.User?.Login ?? user.Login])
            {
                if (!rules.AllowsNetworkOf(claim.Connection.Peer))
                    return await memory.RefuseAsync(memory.Throttle.Fail(claim.Attempt), ct); // whom a stolen password would serve is not told that it is right
                if (!rules.AllowsService(claim.Connection.Service))
                    return new(LoginOutcome.KeptOut, null);
            }

            if (account != prover)
                memory.Trouble.MasterLoggedIn(prover, account);
            // That anybody has read what is anybody's says nothing of who is at that address.
            if (claim.Connection.Service is LoginService.Imap or LoginService.Pop3 && !(anonymousAccount.Length > 0 && names.AreOne(account, anonymousAccount)))
                memory.Throttle.Known.NoteRead(claim.Connection.Peer);
            return new(LoginOutcome.Accepted, account) { MovedTo = user.MovedTo };
        }
        catch (DirectoryUnavailableException e)
        {
            memory.Trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }
    }
}
