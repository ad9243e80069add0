/// Why a cryptographic operation was refused or could not be done. Each case names what and where.
package enum CryptoError: Error, Sendable, Hashable {
    /// The tag of sealed bytes, or a signature over a file, does not match: changed bytes or another key.
    case tampered
    /// A value has the wrong length; lengths in bytes.
    case wrongLength(what: String, expected: Int, found: Int)
    /// More bytes than the named limit allows.
    case tooLong(what: String, limit: Int, found: Int)
    /// The key was destroyed; what it sealed is erased.
    case keyDestroyed
    /// A name of an algorithm this program does not know.
    case unknownAlgorithm(String)
    /// A file is not there.
    case fileMissing(path: String)
    /// A file could not be read or written; `reason` is the system's text.
    case fileFailed(path: String, operation: String, reason: String)
    /// Bytes that should be a key, certificate, request or CRL are not; `what` says which, `reason` why.
    case malformed(what: String, reason: String)
    /// libcrypto failed where it should not have; `reason` is its own text.
    case library(operation: String, reason: String)
}

extension CryptoError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tampered: "the bytes were changed, or sealed under another key"
        case .wrongLength(let what, let expected, let found): "\(what): \(found) bytes, expected \(expected)"
        case .tooLong(let what, let limit, let found): "\(what): \(found) bytes, at most \(limit)"
        case .keyDestroyed: "the key was destroyed"
        case .unknownAlgorithm(let name): "unknown algorithm \(name)"
        case .fileMissing(let path): "\(path): no such file"
        case .fileFailed(let path, let operation, let reason): "\(path): \(operation): \(reason)"
        case .malformed(let what, let reason): "\(what): \(reason)"
        case .library(let operation, let reason): "libcrypto: \(operation): \(reason)"
        }
    }
}

extension CryptoError {
    /// For a clerk: what is wrong, in Chinese. libcrypto's own words are left to `description`.
    package var chinese: String {
        switch self {
        case .fileMissing(let path): "找不到文件 \(path)"
        case .fileFailed(let path, let operation, let reason):
            "\(path) \(ChineseTexts.operation(operation))失败：\(ChineseTexts.reason(reason))"
        case .malformed(let what, let reason):
            "\(ChineseTexts.what(what)) 不符合要求：\(ChineseTexts.reason(reason))"
        case .tooLong(let what, let limit, _): "\(ChineseTexts.what(what)) 太长，最多\(limit)字节"
        case .wrongLength(let what, let expected, let found):
            "\(ChineseTexts.what(what)) 应为\(expected)字节，实为\(found)字节"
        case .tampered: "内容被改动，或密钥不符"
        case .keyDestroyed: "密钥已销毁"
        case .unknownAlgorithm(let name): "不认识的算法 \(name)"
        case .library: "密码库出错，\(ChineseTexts.unknown)"
        }
    }
}
