using FullStack.Auth.Backends;
using FullStack.Store.Accounts;
using FullStack.Store.Quota;

namespace FullStack.Server.Hosting;

/// <summary>Limits as the account directory has them, and for what it leaves open those of the configuration.</summary>
internal sealed class DirectoryQuotaLimits(AccountDirectory directory, QuotaConfiguration defaults) : IQuotaLimits
{
    private volatile QuotaConfiguration _defaults = defaults;

    /// <summary>What is not set in the directory; a reload changes it.</summary>
    public QuotaConfiguration Defaults { get => _defaults; set => _defaults = value; }

    public AccountLimits Of(AccountName account)
    {
        try
        {
            DirectoryQuotas quotas = directory.FindQuotas(account.ToString());
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
