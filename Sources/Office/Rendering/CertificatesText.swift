import Crypto
package import Schema

/// What `twolists admin` shows of the server's certificates and lists.
extension ViewsText {
    /// Days left at which a line turns yellow. A list holds 30 days and is made anew every day, so it has less of them.
    private static let certificateDays: Int32 = 30
    private static let listDays: Int32 = 7

    package func certificates(_ view: CertificatesView) -> [String] {
        var table = Table([
            Table.Column(t("用途", "use")), Table.Column(t("名称", "name"), flexible: true),
            Table.Column(t("序列号", "serial")), Table.Column(t("到期", "ends")),
            Table.Column(t("剩余天数", "days left"), right: true),
        ])
        for line in view.certificates {
            table.add([
                Table.Cell(line.use.name(language)), Table.Cell(line.name),
                Table.Cell(Hex.encode(line.serial)), Table.Cell(ShanghaiTime.screen(line.endsAt)),
                Table.Cell("\(line.daysLeft)", light(line)),
            ])
        }
        return table.lines(on: screen)
    }

    private func light(_ line: CertificateLine) -> Colour? {
        if line.daysLeft < 0 { return .red }
        return line.daysLeft < (line.use == .revocationList ? Self.listDays : Self.certificateDays)
            ? .yellow : nil
    }
}

extension CertificateUse: Named {
    package var text: Text? {
        switch self {
        case .unspecified: Text("", "")
        case .server: Text("服务器证书", "server")
        case .journal: Text("存证签名证书", "journal")
        case .authority: Text("签发机构", "authority")
        case .revocationList: Text("吊销列表", "revocation list")
        case .unrecognized: nil
        }
    }
}

extension CertificatesView {
    package var json: JSON { .object(["certificates": .array(certificates.map(\.json))]) }
}

extension CertificateLine {
    package var json: JSON {
        .object([
            "use": use.rawValue == 0 ? .null : .string(use.code), "name": .string(name),
            "serial": .hex(serial), "ends_at": .time(endsAt), "days_left": .int(Int64(daysLeft)),
        ])
    }
}
