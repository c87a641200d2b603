namespace FullStack.Dns.Wire;

/// <summary>What a message means for the question: what it found, following aliases.</summary>
/// <param name="Outcome">Null where the message ends with an alias, so that <paramref name="Name"/> has to be asked for.</param>
/// <param name="Records">Of the type asked for.</param>
/// <param name="Name">The name at the end of the aliases.</param>
/// <param name="Aliases">How many there were.</param>
/// <param name="Seconds">How long it is true, by what the records say; 0 where an answer that nothing is there does not say it (RFC 2308 §5).</param>
internal sealed record ReadAnswer(DnsOutcome? Outcome, IReadOnlyList<RecordData> Records, DnsName Name, int Aliases, uint Seconds)
{
    /// <summary>What a message says of a name and a type.</summary>
    /// <remarks>
    /// RFC 1034 §3.6.2: records may stand under the alias or under what it stands for. That a name does not exist is said of the last one (RFC 6604 §3).
    /// Negative answers RFC 2308 §2.
    /// </remarks>
    /// <param name="message">With code NOERROR or NXDOMAIN.</param>
    /// <param name="name">Asked for.</param>
    /// <param name="type">Asked for.</param>
    /// <param name="maxAliases">Aliases followed at most.</param>
    /// <returns>Null where there are more aliases than that.</returns>
    public static ReadAnswer? From(DnsMessage message, DnsName name, RecordType type, int maxAliases)
    {
        uint seconds = uint.MaxValue;
        int aliases = 0;
        while (true)
        {
            List<RecordData> found = [];
            DnsName? target = null;
            foreach (DnsRecord record in message.Answers)
            {
                if (!record.Name.Equals(name))
                    continue;
                if (record.Type == type)
                {
                    found.Add(record.Data);
                    seconds = Math.Min(seconds, record.Seconds);
                }
                else if (record.Type == RecordType.Cname && target is null)
                {
                    target = ((NameData)record.Data).Name;
                    seconds = Math.Min(seconds, record.Seconds);
                }
            }

            if (found.Count > 0)
                return new(DnsOutcome.Found, found, name, aliases, seconds);
            if (target is null)
                break;
            name = target;
            if (++aliases > maxAliases)
                return null;
        }

        if (message.Code == ResponseCode.NoError && aliases > 0 && message.Authority is null)
            return new(null, [], name, aliases, seconds);
        uint negative = message.Authority is { Data: SoaData soa } authority ? Math.Min(authority.Seconds, soa.Minimum) : 0;
        return new(message.Code == ResponseCode.NameError ? DnsOutcome.NoSuchName : DnsOutcome.NoData, [], name, aliases, Math.Min(seconds, negative));
    }
}
