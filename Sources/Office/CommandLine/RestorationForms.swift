import Crypto
import Exchange
import Foundation
package import Schema
package import TwoListsClient

/// The commands about a restore that cut acknowledged records: its confirmation, and what each office lost by it. RECEIPT.md 9.
package enum RestorationForms {
    /// A restore as its record says, and the sequence of that record, by which it is confirmed.
    package struct Found: Sendable {
        package var sequence: UInt64
        package var restoration: HistoryRestoration
    }

    /// Oldest first; what cannot be read is left out.
    package static func found(_ page: RestorationsPage) -> [Found] {
        page.restorations.compactMap { proof in
            guard let leaf = ReceiptLeaf(proof.leaf), let restoration = HistoryRestoration(proof) else {
                return nil
            }
            return Found(sequence: leaf.sequence, restoration: restoration)
        }
    }

    /// The confirmation of one restore and its target.
    package static func confirmation(of found: Found) -> (command: Command.OneOf_Body, target: [UInt8]) {
        let body = ConfirmRestoration(
            sequence: found.sequence, keptRecords: found.restoration.keptRecords,
            cutRecords: found.restoration.cutRecords)
        return (.confirmRestoration(body), RosterTarget.restoration(found.sequence).bytes)
    }

    private static let receipt = OperandSpec(
        Text("回执", "RECEIPT"), required: false,
        Text("命令编号(或其开头几位)；不写则为全部", "a command's id or its first digits; all that are lost by default"))

    static func spec(_ name: CommandName) -> CommandSpec {
        switch name {
        case .adminConfirmRestore:
            CommandSpec(
                name, Text("查看并确认系统恢复(安全管理员)", "look at a restore and confirm it (security administrator)"),
                operands: [
                    OperandSpec(
                        Text("存证序号", "RECORD"), required: false,
                        Text(
                            "要确认的恢复记录；不写则列出",
                            "the record of the restore to confirm; without it they are listed"))
                ],
                notes: [
                    Text(
                        "确认之后，各单位才会看到系统恢复到何时、少了多少条记录，并可以重新提报。",
                        "Only then offices are told to when the system was restored and how many records are gone, and can file again."
                    )
                ])
        case .receiptRefile:
            CommandSpec(
                name, Text("重新提报因系统恢复而失去的命令", "file again what was lost by a restore"),
                operands: [receipt],
                options: [
                    OptionSpec(
                        "as-new", Text("作为新命令", "as new"), .flag,
                        help: Text(
                            "原命令与现状冲突或已过期时，按现状作为新命令提报",
                            "where the old command conflicts with what stands now, or is too old: a new command on what stands now"
                        ))
                ],
                notes: [
                    Text(
                        "先按原编号、原内容、原签名提报，不会重复办理；原回执另存为 .refiled。",
                        "The same bytes go first, under the same id and signature: nothing is done twice. The old receipt is kept as .refiled."
                    )
                ])
        default:
            CommandSpec(
                name, Text("列出因系统恢复而失去的命令", "list the commands that a restore has cut"))
        }
    }
}

extension ReceiptShelf.Entry {
    /// Too old for the server to take its command under the old id, by this machine's clock (nanoseconds since 1970 UTC).
    package func hasExpired(now: Int64) -> Bool {
        now / 1_000_000 - Outbox.milliseconds(of: envelope.id) > Limits.commandPastDays * 86_400_000
    }
}

extension ReceiptShelf {
    /// The receipts kept here of commands that a confirmed restore has cut, in the order in which they were judged: so they can be filed again
    /// one after the other. One whose receipt is set aside as lost (`setAside`) is among them until it is filed again.
    package func lost(by restorations: [HistoryRestoration], beginning key: String = "") -> [Entry] {
        let found = content().entries.compactMap { entry -> (UInt64, Entry)? in
            let receipt = (try? ReceiptFolder.receipt(file: Self.lostPath(entry))) ?? entry.receipt
            guard let leaf = ReceiptLeaf(receipt.leaf), entry.id.hasPrefix(key.lowercased()),
                restorations.contains(where: { $0.isConfirmed && $0.hasCut(leaf) })
            else { return nil }
            return (leaf.sequence, entry)
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func lostPath(_ entry: Entry) -> String {
        String(entry.receiptPath.dropLast(".receipt".count)) + ".lost"
    }

    /// Before a lost command is filed again: its receipt is evidence, which the new one must not take the place of.
    package func setAside(_ entry: Entry) throws(FileError) {
        let path = Self.lostPath(entry)
        guard !DurableFile.exists(path) else { return }
        do throws(CryptoError) {
            try DurableFile.replace(path, ReceiptFolder.content(of: entry.receipt), mode: 0o600)
        } catch { throw FileError(path, Text("不能写入", "it cannot be written (\(error))")) }
    }

    /// It was judged again: what was set aside stays, as `ID.refiled`.
    package func noteRefiled(_ entry: Entry) throws(FileError) {
        let path = Self.lostPath(entry)
        let done = String(path.dropLast(".lost".count)) + ".refiled"
        do { try FileManager.default.moveItem(atPath: path, toPath: done) } catch {
            throw FileError(path, Text("不能改名", "it cannot be renamed (\(error))"))
        }
    }
}
