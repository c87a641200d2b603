using System.Text;
using FullStack.Mime;
using FullStack.Unit.Mime;

namespace FullStack.Unit.Store.Search;

/// <summary>Messages to be searched: real ones, and generated ones in many charsets and encodings, some longer than any buffer.</summary>
internal static class SearchSamples
{
    private static readonly (string Charset, string Words)[] s_scripts =
    [
        ("us-ascii", "the quarterly report of our budget has been delivered to every customer"),
        ("utf-8", "die größte Überraschung naïve café 🙂 “quoted” — straße ﬁne"),
        ("iso-8859-1", "où est l'école près de la forêt française à côté du château"),
        ("koi8-r", "съешь ещё этих мягких французских булок да выпей чаю"),
        ("gb2312", "素质培养 打造 最新 台灣 中文邮件 测试"),
        ("iso-2022-jp", "日本語 のテキスト 検索 のための メール"),
        ("shift_jis", "東京都 港区 ﾊﾝｶｸ カタカナ ひらがな"),
        ("windows-1253", "Οδυσσεὺς ταχυδρομείο μήνυμα σίγμα τέλος"),
        ("utf-16be", "sixteen bits of text für jedes Zeichen"),
    ];

    public static IEnumerable<byte[]> Real => Samples.Corpus.Concat(Samples.Goldens).Select(static file => Samples.WithCrlf(File.ReadAllBytes(file)));

    /// <summary>A message of one to three texts, some in a multipart or in a message inside.</summary>
    public static byte[] Generate(Random random)
    {
        StringBuilder message = new();
        message.Append($"From: {Word(random, "Ann Bób Carol")} <a{random.Next(50)}@example.test>\r\nTo: list{random.Next(9)}@example.org\r\n");
        message.Append($"Subject: {EncodedWords.Encode(Sentence(random, s_scripts[random.Next(s_scripts.Length)].Words, 6))}\r\nX-Note: one\r\n two{random.Next(9)}\r\n");
        if (random.Next(3) > 0)
            return Octets(message.ToString(), Text(random));
        List<byte> octets = [.. Octets(message.ToString(), Encoding.ASCII.GetBytes("Content-Type: multipart/mixed; boundary=\"=b=\"\r\n\r\npreamble\r\n"))];
        for (int parts = random.Next(1, 4); parts > 0; parts--)
        {
            octets.AddRange("--=b=\r\n"u8);
            if (random.Next(4) == 0)
                octets.AddRange("Content-Type: message/rfc822\r\n\r\nSubject: inner word\r\n"u8);
            else if (random.Next(4) == 0)
                octets.AddRange("Content-Type: application/pdf\r\nContent-Description: hidden things\r\n\r\nnot to be searched\r\n--=b=\r\n"u8);
            octets.AddRange(Text(random));
            octets.AddRange("\r\n"u8);
        }

        octets.AddRange("--=b=--\r\nepilogue\r\n"u8);
        return [.. octets];
    }

    private static byte[] Text(Random random)
    {
        (string charset, string words) = s_scripts[random.Next(s_scripts.Length)];
        int length = random.Next(8) == 0 ? random.Next(10_000, 60_000) : random.Next(1, 2000);
        StringBuilder text = new();
        while (text.Length < length)
        {
            text.Append(Sentence(random, words, random.Next(1, 12))).Append(random.Next(20) switch { 0 => "\0", 1 => "\r\n\r\n", < 10 => "\r\n", _ => " " });
            if (random.Next(30) == 0)
                text.Append(Sentence(random, s_scripts[0].Words, 40));
        }

        byte[] octets = BodyText.EncodingFor(charset).GetBytes(text.ToString());
        string[] encodings = charset == "utf-16be" ? ["base64"] : ["base64", "quoted-printable", "8bit"];
        string encoding = encodings[random.Next(encodings.Length)];
        string label = random.Next(10) == 0 ? "x-unknown" : charset;
        return Octets($"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n", encoding switch
        {
            "base64" => Encoding.ASCII.GetBytes(Convert.ToBase64String(octets, Base64FormattingOptions.InsertLineBreaks)),
            "quoted-printable" => QuotedPrintable(octets),
            _ => octets,
        });
    }

    private static byte[] QuotedPrintable(byte[] octets)
    {
        StringBuilder encoded = new();
        int column = 0;
        foreach (byte octet in octets)
        {
            string piece = octet is >= (byte)'!' and <= (byte)'~' and not (byte)'=' ? ((char)octet).ToString() : $"={octet:X2}";
            if (column + piece.Length > 75)
            {
                encoded.Append("=\r\n");
                column = 0;
            }

            encoded.Append(piece);
            column += piece.Length;
        }

        return Encoding.ASCII.GetBytes(encoded.ToString());
    }

    private static string Sentence(Random random, string words, int count)
        => string.Join(' ', Enumerable.Range(0, count).Select(_ => Word(random, words)));

    private static string Word(Random random, string words)
    {
        string[] all = words.Split(' ');
        return all[random.Next(all.Length)];
    }

    private static byte[] Octets(string head, byte[] rest) => [.. Encoding.UTF8.GetBytes(head), .. rest];
}
