using FullStack.Auth.Backends;
using FullStack.Store.Accounts;
using FullStack.Store.Quota;

namespace FullStack.Server.Hosting;

/// <summary>Limits as the account directories have them, and for what it leaves open those of the configuration.</summary>
internal sealed class DirectoryQuotaLimits(AccountBackends accounts, QuotaConfiguration defaults) : IQuotaLimits
{
    private volatile QuotaConfiguration _defaults = defaults;

    /// <summary>What is not set in a directory; a reload changes it.</summary>
    public QuotaConfiguration Defaults { get => _defaults; set => _defaults = value; }

    public async ValueTask<AccountLimits> OfAsync(AccountName account, CancellationToken ct)
    {
        try
        {
            DirectoryQuotas quotas = await accounts.FindQuotasAsync(account.ToString(), ct);
            return new(OfAccount(quotas.User, _defaults), OfDomain(quotas.Domain, _defaults), MailboxesOf(quotas.User, _defaults));
        }
        catch (DirectoryUnavailableException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public static QuotaLimits OfAccount(DirectoryQuota quota, QuotaConfiguration defaults)
        => new(quota.Octets ?? defaults.AccountOctets, quota.Messages ?? defaults.AccountMessages);

    public static long MailboxesOf(DirectoryQuota quota, QuotaConfiguration defaults) => quota.Mailboxes ?? defaults.AccountMailboxes;

    public static QuotaLimits OfDomain(DirectoryQuota quota, QuotaConfiguration defaults)
        => new(quota.Octets ?? defaults.DomainOctets, quota.Messages ?? defaults.DomainMessages);
}
