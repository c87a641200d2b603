using FullStack.Store.Takeover;

namespace FullStack.Fuzz.Parsers;

/// <summary>What other servers left in mail folders.</summary>
internal static class TakeoverTargets
{
    private static readonly string[] s_lists =
    [
        "3 V1795289224 N5 G07fcaf0588f0016b6228000083ecc375\n3 W32 PUID1-2 :1795288943.M1P1.host,S=32\n4 :1795289851.M329912P4267.vm,S=17,W=20\n",
        "1 795288866 9\n3 1795288942.M837199P6115V0I0_1.vm,S=410\n5 1795288942.M825112P6108V0I0_1.vm,S=410:2,S\n",
    ];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("FormerUidList.TryParse", s_lists, static input =>
        {
            uint peeked = FormerUidList.PeekUidValidity(input.Span);
            if (FormerUidList.TryParse(input.Span, out FormerUidList? list))
                Assert.True(list.UidValidity == peeked && list.UidValidity is > 0 and <= FormerUidList.MaxUidValidity);
        }) { MaxPerOctet = 256 },
        new("CourierPop3List.TryParse", ["/3 3 1795288947\n1795288942.M825112P6108V0I0_1.vm,S=410:2,FS 425 1:1795288947:0\n"], static input =>
        {
            if (CourierPop3List.TryParse(input.Span, out CourierPop3List? list))
                Assert.InRange(list.Count, 0, input.Span.Length);
        }) { MaxPerOctet = 256 },
        new("FormerKeywords.AddList", ["Work\nNonJunk\n\n1795288942.M825112P6108V0I0_1.vm,S=410:1 0\n", "0 $Forwarded\n1 NonJunk\n"], static input =>
        {
            FormerKeywords keywords = new();
            keywords.AddLetters(input.Span);
            keywords.AddList(input.Span);
            keywords.SetMessage("name", input.Span);
            Assert.All(keywords.Of("name", "abc"u8), static keyword => Assert.DoesNotContain(keyword, static c => c is <= ' ' or > '~' or '('));
        }) { MaxPerOctet = 512, Also = ["FormerKeywords.ReadLetters"] },
        new("FormerSubscriptions.OfDovecot", ["V\t2\n\nINBOX\nSent\tEntw&APw-rfe\n", "Sent\nshared/x\n"], static input
            => Assert.InRange(FormerSubscriptions.OfDovecot(input.Span).Count, 0, input.Span.Length)) { MaxPerOctet = 512 },
        new("FormerSubscriptions.OfCourier", ["INBOX\nINBOX.Sent.Entw&APw-rfe\n#shared.bob.x\n"], static input
            => Assert.InRange(FormerSubscriptions.OfCourier(input.Span).Count, 0, input.Span.Length)) { MaxPerOctet = 512 },
        new("FormerAcl.OfCourier", ["owner aceilrstwx\nuser=bob lr\n-anyone x\n", "x\n y"], static input => Assert.InRange(FormerAcl.OfCourier(input.Span, out List<int> bad).Count + bad.Count, 0, input.Span.Length + 1)) { MaxPerOctet = 512 },
        new("FormerAcl.OfDovecot", ["owner lrwstipekxa\nuser=bob lr\n-user=\"a b\" x :maildir\n# c\n", "anyone\n"], static input => Assert.InRange(FormerAcl.OfDovecot(input.Span, out List<int> bad).Count + bad.Count, 0, input.Span.Length + 1)) { MaxPerOctet = 512 },
    ];
}
