import Crypto
import Exchange
import Foundation
package import Schema
import TwoListsClient

/// The receipts of a profile, as the client library keeps them (RECEIPT.md 8), found by what clerks quote.
package struct ReceiptShelf: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    package struct Entry: Sendable {
        /// The command's id in hex.
        package var id: String
        package var receiptPath: String
        package var commandPath: String
        package var receipt: Receipt
        package var envelope: Envelope
    }

    /// What can be read there, oldest first (ids sort by time); and the files that cannot.
    package func content() -> (entries: [Entry], damaged: [FileError]) {
        var (entries, damaged): ([Entry], [FileError]) = ([], [])
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".receipt") {
            let id = String(name.dropLast(8))
            let path = folder + "/" + id
            do {
                let receipt = try ReceiptFolder.receipt(file: path + ".receipt")
                let (_, envelope) = try CommandFile.read(path + ".command")
                entries.append(
                    Entry(
                        id: id, receiptPath: path + ".receipt", commandPath: path + ".command",
                        receipt: receipt, envelope: envelope))
            } catch let error as FileError {
                damaged.append(error)
            } catch {
                damaged.append(FileError(path + ".receipt", Text("读不出", "it cannot be read (\(error))")))
            }
        }
        return (entries, damaged)
    }

    /// The newest whose command id begins with `key`, or whose matter has that phone reference or id.
    package func find(_ key: String) -> Entry? {
        guard !key.isEmpty else { return nil }
        let typed = key.lowercased()
        let reference = ReferenceCode(key)?.text
        return content().entries.last { entry in
            entry.id.hasPrefix(typed) || Hex.encode(entry.envelope.target) == typed
                || (reference != nil && PhoneReference.of(entry.envelope.target) == reference)
        }
    }
}
