using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Auth.Throttling;

namespace FullStack.Auth;

/// <summary>Checks what a client has shown, in the order and number that the throttle allows, and counts how that ended.</summary>
/// <param name="memory">The accounts, and what came before.</param>
/// <param name="options">The settings.</param>
/// <param name="admission">What comes after a right proof.</param>
/// <param name="needsPlainSecrets">Something is offered that works with passwords stored in the clear and nothing else.</param>
internal sealed class LoginCheck(LoginMemory memory, AuthOptions options, LoginAdmission admission, bool needsPlainSecrets)
{
    private readonly LoginThrottle _throttle = memory.Throttle;
    private readonly PasswordCheckGate _gate = memory.Gate;

    /// <summary>Ends a login in which a password was sent.</summary>
    /// <param name="claim">Whose.</param>
    /// <param name="password">As sent.</param>
    /// <param name="ct">Ends the wait; the attempt still counts if its password was checked.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public async ValueTask<LoginResult> PasswordAsync(LoginClaim claim, string password, CancellationToken ct)
    {
        LoginAttempt attempt = claim.Attempt;
        if (claim.Factors.FindAppPassword(claim.Names.Prover, password) is { } app)
        {
            // As random as a key: there is no guessing that would have to be slowed down.
            if (app.HasEnded(memory.Time.GetUtcNow()))
                return new(LoginOutcome.Expired, null);
            if (app.IsGood(claim.Connection.Service, memory.Time.GetUtcNow()))
            {
                _throttle.Succeed(attempt);
                return await admission.AcceptAsync(claim, ct);
            }
        }

        string? version = claim.Found?.Version;
        if (version is not null && !claim.Factors.NeedsCode && memory.Verified.Contains(attempt.Account, attempt.Network, version, password))
        {
            _throttle.Succeed(attempt);
            return await admission.AcceptAsync(claim, ct);
        }

        if (claim.Found is null or { Credential.Stored: not null } && _throttle.DelayOfStale(attempt, claim.PasswordVersion, password) is { } delay)
            return await memory.RefuseAsync(delay, ct);
        PasswordTrial trial = PasswordTrial.Of(password, claim.Factors.NeedsCode);
        FoundCredential? found = trial.IsUsable ? claim.Found : null;
        if (found is { Source: { } source, Credential.Stored: null })
            return await ConcludeAsync(claim, source.Checks, () => AskAsync(claim, source, trial, ct), ct);
        string? stored = found?.Credential.Stored;
        if (stored is not null && !PasswordHash.IsSupported(stored))
        {
            memory.Trouble.UnsupportedSecret(claim.Names.Prover);
            stored = null;
        }

        return await ConcludeAsync(claim, _gate, () => VerifyAsync(claim, stored, trial), ct);
    }

    /// <summary>Ends a login by a mechanism that does not send the password, as late as a wrong password would where the proof is wrong.</summary>
    /// <param name="claim">Whose.</param>
    /// <param name="proof">Whether the client knows the secret. Runs on a thread of its own and may take milliseconds.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<LoginResult> ProofAsync(LoginClaim claim, Func<bool> proof, CancellationToken ct)
        => ConcludeAsync(claim, _gate, () => VerifyAsync(claim, proof), ct);

    private async ValueTask<LoginResult> ConcludeAsync(LoginClaim claim, PasswordCheckGate gate, Func<ValueTask<PasswordCheck>> verify, CancellationToken ct)
    {
        await _throttle.WaitForAccountAsync(claim.Attempt, ct);
        try
        {
            if (await CheckAsync(claim.Attempt, gate, verify, ct) is not { } check)
                return new(LoginOutcome.Unavailable, null);
            return check.Outcome switch
            {
                LoginOutcome.Accepted => await admission.AcceptAsync(claim, ct),
                LoginOutcome.Refused => await memory.RefuseAsync(check.Delay, ct),
                _ => new(check.Outcome, null),
            };
        }
        catch (DirectoryUnavailableException e)
        {
            memory.Trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }
    }

    /// <summary>Checks in the order and number that the throttle allows, and counts the outcome before others may go on.</summary>
    /// <returns>Null where the attempt's turn did not come in time.</returns>
    /// <exception cref="DirectoryUnavailableException">The back-end that checks cannot be asked now.</exception>
    private async ValueTask<PasswordCheck?> CheckAsync(
        LoginAttempt attempt, PasswordCheckGate gate, Func<ValueTask<PasswordCheck>> verify, CancellationToken ct)
    {
        using (await gate.EnterAsync(ct))
        {
            // Asked with the place in hand: of a thousand guesses at once, all but the first few see those fail.
            if (_throttle.IsFree(attempt))
                return await verify();
        }

        using IDisposable? turn = await _throttle.TakeTurnAsync(attempt, ct);
        if (turn is null)
            return null;
        using (await gate.EnterAsync(ct))
            return await verify();
    }

    /// <summary>Has the back-end check that has the account.</summary>
    private async ValueTask<PasswordCheck> AskAsync(LoginClaim claim, GuardedBackend source, PasswordTrial trial, CancellationToken ct)
    {
        LoginContext context = new(claim.Connection.Peer, claim.Connection.Service);
        PasswordAnswer answer = await source.CheckPasswordAsync(claim.Names.Prover, trial.Password, context, ct);
        if (answer == PasswordAnswer.Wrong || !await HasCodeAsync(claim, trial))
            return new(LoginOutcome.Refused, _throttle.Fail(claim.Attempt, claim.PasswordVersion, trial.Whole));
        if (answer == PasswordAnswer.Expired)
        {
            _throttle.Succeed(claim.Attempt);
            return new(LoginOutcome.Expired, TimeSpan.Zero);
        }

        Remember(claim, claim.Found?.Version, trial);
        return new(LoginOutcome.Accepted, TimeSpan.Zero);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginClaim claim, string? stored, PasswordTrial trial)
    {
        bool matches = await _gate.RunAsync(() => PasswordHash.Verify(stored ?? PasswordHash.Dummy, trial.Password));
        if (!matches || stored is null || !await HasCodeAsync(claim, trial))
            return new(LoginOutcome.Refused, _throttle.Fail(claim.Attempt, claim.PasswordVersion, trial.Whole));
        if (claim.Found is { Source: null } && IsUpgradeDue(stored))
            stored = await _gate.RunAsync(() => memory.Upgrade.Apply(claim.Names.Prover, stored, trial.Password));
        Remember(claim, stored, trial);
        return new(LoginOutcome.Accepted, TimeSpan.Zero);
    }

    /// <summary>Whether a right password came with a code that was not used yet, where one has to.</summary>
    private async ValueTask<bool> HasCodeAsync(LoginClaim claim, PasswordTrial trial)
        => !claim.Factors.NeedsCode
            || (trial.Code is { } code && await _gate.RunAsync(() => memory.Accounts.BuiltIn.Factors.TryUseCode(claim.Names.Prover, code, memory.Time.GetUtcNow())));

    private void Remember(LoginClaim claim, string? version, PasswordTrial trial)
    {
        _throttle.Succeed(claim.Attempt);
        if (version is not null && trial.Code is null)
            memory.Verified.Add(claim.Attempt.Account, claim.Attempt.Network, version, trial.Password);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginClaim claim, Func<bool> proof)
    {
        if (!await _gate.RunAsync(proof))
            return new(LoginOutcome.Refused, _throttle.Fail(claim.Attempt));
        _throttle.Succeed(claim.Attempt);
        return new(LoginOutcome.Accepted, TimeSpan.Zero);
    }

    /// <summary>A password in the clear stays where a mechanism is offered that works with nothing else.</summary>
    private bool IsUpgradeDue(string stored)
        => options.UpgradeHashes && !PasswordHash.IsOurs(stored) && !(needsPlainSecrets && PasswordHash.TryGetPlain(stored, out _));

    private readonly record struct PasswordCheck(LoginOutcome Outcome, TimeSpan Delay);
}
