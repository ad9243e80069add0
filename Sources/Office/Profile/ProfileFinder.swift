import Crypto
import Foundation

/// Finding the profile to use: `--profile`, then the environment's TWOLISTS_PROFILE, then the folder of profiles, where a
/// file `default.profile` or an only one is taken.
package struct ProfileFinder: Sendable {
    package var folder: String
    package var environmentChoice: String?

    /// `~/.config/twolists`, or under XDG_CONFIG_HOME.
    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let home = environment["HOME"] ?? NSHomeDirectory()
        let base =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
        folder = base + "/twolists"
        environmentChoice = environment["TWOLISTS_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// For the manual page: where a profile is looked for, and what lies beside it.
    static let places: [(place: String, text: Text)] = [
        (
            "~/.config/twolists/*.profile",
            Text("配置文件；default.profile 或唯一的一个为默认", "profiles; default.profile, or the only one, is taken")
        ),
        (
            "$TWOLISTS_PROFILE",
            Text("未写 --profile 时所用的配置名称或路径", "a profile's name or path, where --profile is not given")
        ),
        ("$XDG_CONFIG_HOME", Text("代替 ~/.config", "in place of ~/.config")),
        (
            "NAME.outbox, NAME.receipts, NAME.batches, NAME.packages",
            Text(
                "在配置文件旁边：待发箱、存证回执、批次的表样和答复、交换包",
                "beside the profile: commands without an answer, receipts, the kinds and answers of batches, packages"
            )
        ),
    ]

    /// The path of the profile to use. A choice with a `/` or ending in `.profile` is a path, else a name in the folder.
    package func locate(_ choice: String?) throws(ProfileError) -> String {
        if let choice = choice ?? environmentChoice {
            let isPath = choice.contains("/") || choice.hasSuffix(".profile")
            return isPath ? choice : folder + "/\(choice).profile"
        }
        let names = profileNames()
        if names.contains("default.profile") { return folder + "/default.profile" }
        if names.count == 1, let only = names.first { return folder + "/" + only }
        throw names.isEmpty ? nonePresent : severalPresent(names)
    }

    /// Reads the profile to use and checks that its files are there.
    package func load(_ choice: String?) throws(ProfileError) -> Profile {
        let path = try locate(choice)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ProfileError(
                file: path, line: nil, problem: Text("读不到这个文件", "the file cannot be read"),
                mend: Text(
                    "请核对路径，或用 --profile 指定；首次使用请向市局领取配置文件",
                    "check the path or give --profile; the bureau hands out profiles"))
        }
        guard data.count <= Profile.largestFileBytes, let text = String(validating: data, as: UTF8.self)
        else {
            throw ProfileError(
                file: path, line: nil, problem: Text("这不是文本配置文件（UTF-8）", "this is not a text file in UTF-8"),
                mend: Text("请用记事本另存为 UTF-8", "save it as UTF-8"))
        }
        let profile = try Profile.parse(text, file: path)
        try checkFiles(of: profile)
        return profile
    }

    private func profileNames() -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasSuffix(".profile") }.sorted()
    }

    private var nonePresent: ProfileError {
        ProfileError(
            file: folder + "/*.profile", line: nil, problem: Text("还没有配置文件", "there is no profile yet"),
            mend: Text(
                "请把市局发给您的配置文件放到 \(folder)，或用 --profile 指定",
                "put the profile the bureau gave you into \(folder), or give --profile"))
    }

    private func severalPresent(_ names: [String]) -> ProfileError {
        let list = names.map { String($0.dropLast(8)) }.joined(separator: ", ")
        return ProfileError(
            file: folder + "/*.profile", line: nil,
            problem: Text("有多个配置文件：\(list)", "there are several profiles: \(list)"),
            mend: Text(
                "请用 --profile 名称 选一个，或设置环境变量 TWOLISTS_PROFILE",
                "choose one with --profile NAME or the environment's TWOLISTS_PROFILE"))
    }

    private func checkFiles(of profile: Profile) throws(ProfileError) {
        let files = [
            ("certificate", profile.certificatePath), ("key", profile.keyPath), ("ca", profile.caPath),
        ]
        for (key, path) in files where !FileManager.default.isReadableFile(atPath: path) {
            throw ProfileError(
                file: profile.file, line: nil,
                problem: Text(
                    "“\(key)”所指的文件读不到：\(path)", "the file named by “\(key)” cannot be read: \(path)"),
                mend: Text(
                    "请核对文件是否存在、当前用户能否读取；相对路径从配置文件所在目录算起",
                    "check that it exists and is readable; relative paths start at the profile's folder"))
        }
    }

    /// Checks what the profile's files hold, before anything is connected: a certificate of an officer, its key, an authority.
    package static func checkContents(of profile: Profile) throws(ProfileError) {
        do throws(CryptoError) {
            let certificate = try Certificate.load(path: profile.certificatePath)
            guard certificate.matches(try PrivateKey.load(path: profile.keyPath)) else {
                throw .malformed(what: profile.keyPath, reason: "not the key of \(profile.certificatePath)")
            }
            guard case .officer = try certificate.identity().holder else {
                throw .malformed(
                    what: profile.certificatePath, reason: "\(try certificate.identity()) names no officer")
            }
            _ = try TrustStore.load(caPath: profile.caPath, crlPath: nil)
        } catch {
            throw ProfileError(
                file: profile.file, line: nil, problem: Text(error.chinese, error.description),
                mend: Text(
                    "请核对 certificate、key、ca 三项；需要时请市局重新签发",
                    "check certificate, key and ca; have the bureau issue them anew if need be"))
        }
    }

    /// A warning when others on this machine can read the officer's key; nil when they cannot.
    package static func keyWarning(_ profile: Profile, _ language: Language) -> String? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: profile.keyPath),
            let mode = attributes[.posixPermissions] as? NSNumber, mode.intValue & 0o077 != 0
        else { return nil }
        return Text(
            "提醒：私钥文件 \(profile.keyPath) 其他用户也能读取，请执行 chmod 600 \(profile.keyPath)",
            "note: others can read the key file \(profile.keyPath); run chmod 600 \(profile.keyPath)")[
                language]
    }
}
