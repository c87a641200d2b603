using System.Text;
using FullStack.Store.Takeover;

namespace FullStack.Unit.Store.Takeover;

/// <summary>Files of another server may hold anything: what is read of them is bounded and sound, and reading never fails.</summary>
public sealed class HostileFilesTests
{
    private static readonly string[] Seeds =
    [
        "3 V1795289224 N5 G07fcaf0588f0016b6228000083ecc375\n3 W32 PUID1-2 :1795288943.M1P1.host,S=32\n4 :1795289851.M329912P4267.vm,S=17,W=20\n",
        "1 795288866 9\n3 1795288942.M837199P6115V0I0_1.vm,S=410\n5 1795288942.M825112P6108V0I0_1.vm,S=410:2,S\n",
        "/3 3 1795288947\n1795288942.M825112P6108V0I0_1.vm,S=410:2,FS 425 1:1795288947:0\n",
        "Work\nNonJunk\n\n1795288942.M825112P6108V0I0_1.vm,S=410:1 0\n",
        "0 $Forwarded\n1 NonJunk\n",
        "V\t2\n\nINBOX\nSent\tEntw&APw-rfe\n",
        "INBOX\nINBOX.Sent.Entw&APw-rfe\n#shared.bob.x\n",
    ];

    private static readonly string[] Splices = ["\n", " ", ":", "\0", "4294967295", "4294967296", "-1", ":2,", "\xFF", "&", "&-", "\t", "3 V", ""];

    [Fact]
    public void Mutated_files_are_read_without_failing()
    {
        const int seed = 20261121;
        Random random = new(seed);
        for (int round = 0; round < 20_000; round++)
        {
            string text = Seeds[random.Next(Seeds.Length)];
            for (int i = random.Next(4); i >= 0; i--)
            {
                int at = random.Next(text.Length + 1), end = Math.Min(text.Length, at + random.Next(6));
                text = text[..at] + Splices[random.Next(Splices.Length)] + text[end..];
            }

            Read(Encoding.Latin1.GetBytes(text), $"seed {seed}, round {round}");
        }
    }

    private static void Read(byte[] octets, string round)
    {
        uint peeked = FormerUidList.PeekUidValidity(octets);
        if (FormerUidList.TryParse(octets, out FormerUidList? uids))
        {
            Assert.True(uids.UidValidity == peeked && uids.UidValidity is > 0 and <= FormerUidList.MaxUidValidity, round);
            foreach (string name in Encoding.Latin1.GetString(octets).Split('\n').Select(static line => line[(line.LastIndexOfAny([' ', ':']) + 1)..]))
                Assert.True(!uids.TryFind(name, out FormerMessage message) || (message.Uid > 0 && message.Uid < uids.UidNext), round);
        }

        if (CourierPop3List.TryParse(octets, out CourierPop3List? pop3))
            Assert.True(pop3.Count <= octets.Length, round);
        FormerKeywords keywords = new();
        keywords.AddLetters(octets);
        keywords.AddList(octets);
        keywords.SetMessage("name", octets);
        Assert.All(keywords.Of("name", "abc"u8), keyword => Assert.False(keyword.Any(static c => c is <= ' ' or > '~' or '('), round));
        Assert.True(FormerSubscriptions.OfDovecot(octets).Count + FormerSubscriptions.OfCourier(octets).Count <= 2 * octets.Length, round);
    }
}
