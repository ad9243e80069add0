import Glibc

/// UTC text of a time in seconds since 1970, as the CA's index and `show` write it: `2026-11-23T23:49:48Z`.
package enum UTCTime {
    package static func text(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "\(seconds)" }
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Nil unless `text` is exactly what `text(_:)` writes for some time.
    package static func seconds(_ text: String) -> Int64? {
        let fields = text.split { !("0"..."9").contains($0) }.compactMap { Int32($0) }
        guard text.utf8.count == 20, fields.count == 6 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (fields[0] - 1900, fields[1] - 1, fields[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (fields[3], fields[4], fields[5])
        let seconds = Int64(timegm(&parts))
        return UTCTime.text(seconds) == text ? seconds : nil
    }

    /// The wall clock, in seconds since 1970.
    package static func now() -> Int64 { Int64(time(nil)) }
}
