-- Wireshark and tshark: the frames of PROTOCOL.md, both profiles.
--
--     tshark -X lua_script:Protocol/twolists.lua -o tls.keylog_file:KEYS -r traffic.pcap -V
--     wireshark: copy this file into the folder of personal Lua plugins (Help, About, Folders)
--
-- TLS hides the frames: KEYS is the key log of the *client* (Python: ssl.SSLContext.keylog_filename; any program on OpenSSL or Go can
-- write one). Our own programs write none, in any build. ALPN chooses this dissector; where the handshake was not captured, name the
-- server's port: -d tls.port==7443,twolists.
--
-- With a path of protobuf files (Preferences, Protocols, ProtoBuf, or
-- -o 'uat:protobuf_search_paths:"Protocol","TRUE"' -o protobuf.preload_protos:TRUE) messages are shown by their fields, each as its method defines it.
--
-- Only what was captured is trusted to be nothing in particular: every length is looked at before it is used.

local frames = Proto("twolists", "TwoLists (ttrpc with extensions)")

local TYPES = {
    [0x01] = "Request", [0x02] = "Response", [0x03] = "Data", [0x10] = "HELLO", [0x11] = "CANCEL", [0x12] = "CREDIT",
    [0x13] = "PING", [0x14] = "GOAWAY",
}
-- PROTOCOL.md 8, GOAWAY codes.
local GOAWAY = {
    [0] = "none", "protocol error", "flow control", "frame too large", "too many", "version", "timeout", "ids exhausted", "resources",
    "not allowed",
}
-- PROTOCOL.md 9.1.
local STATUS = {
    [0] = "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
    "UNAUTHENTICATED",
}
local HEADER = 10
-- A frame is shorter than 16 MiB: the first byte is 0. What says otherwise is not this protocol, and nothing is collected for it.
local LENGTH_END = 0x1000000

local F = {
    length = ProtoField.uint32("twolists.length", "Data length", base.DEC),
    stream = ProtoField.uint32("twolists.stream", "Stream", base.DEC),
    type = ProtoField.uint8("twolists.type", "Type", base.HEX, TYPES),
    flags = ProtoField.uint8("twolists.flags", "Flags", base.HEX),
    remote_closed = ProtoField.bool("twolists.flags.remote_closed", "Remote closed", 8, nil, 0x01),
    remote_open = ProtoField.bool("twolists.flags.remote_open", "Remote open", 8, nil, 0x02),
    no_data = ProtoField.bool("twolists.flags.no_data", "No data", 8, nil, 0x04),
    not_processed = ProtoField.bool("twolists.flags.not_processed", "Not processed", 8, nil, 0x08),
    ack = ProtoField.bool("twolists.flags.ack", "Ack", 8, nil, 0x01),
    service = ProtoField.string("twolists.service", "Service"),
    method = ProtoField.string("twolists.method", "Method"),
    timeout = ProtoField.uint64("twolists.timeout_nano", "Timeout (ns)", base.DEC),
    metadata = ProtoField.string("twolists.metadata", "Metadata"),
    payload = ProtoField.bytes("twolists.payload", "Payload"),
    status = ProtoField.uint32("twolists.status", "Status", base.DEC, STATUS),
    message = ProtoField.string("twolists.status_message", "Status message"),
    software = ProtoField.string("twolists.hello.software", "Software"),
    hello_number = ProtoField.string("twolists.hello.value", "HELLO value"),
    reason = ProtoField.uint32("twolists.cancel_code", "Why", base.DEC, STATUS),
    credit = ProtoField.uint32("twolists.credit", "Credit (bytes)", base.DEC),
    opaque = ProtoField.bytes("twolists.ping", "Opaque"),
    last = ProtoField.uint32("twolists.goaway.last_accepted", "Last accepted stream", base.DEC),
    code = ProtoField.uint32("twolists.goaway.code", "Code", base.DEC, GOAWAY),
    text = ProtoField.string("twolists.goaway.text", "Text"),
}
frames.fields = F
local E = {
    malformed = ProtoExpert.new("twolists.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR),
    unknown = ProtoExpert.new("twolists.unknown_type", "Unknown frame type", expert.group.UNDECODED, expert.severity.WARN),
    refused = ProtoExpert.new("twolists.refused", "Call refused", expert.group.RESPONSE_CODE, expert.severity.NOTE),
}
frames.experts = E

-- Methods of calls seen, by conversation and stream: a Data or a Response does not name its method.
local methods = {}
local tcp_stream = Field.new("tcp.stream")

function frames.init() methods = {} end

-- A varint at `at`: its value (nil: it does not end in time) and the position after it.
local function varint(data, at, last)
    local value = UInt64(0)
    for shift = 0, 63, 7 do
        if at >= last then return nil, at end
        local byte = data(at, 1):uint()
        value = value:bor(UInt64(byte % 128):lshift(shift))
        at = at + 1
        if byte < 128 then return value, at end
    end
    return nil, at
end

-- Calls `visit(number, wire, range or value)` for each field of a protobuf message. False: it is malformed.
local function protobuf(data, visit)
    local at, last = 0, data:len()
    while at < last do
        local tag
        tag, at = varint(data, at, last)
        if not tag then return false end
        local number, wire = tag:rshift(3):tonumber(), tag:band(7):tonumber()
        local size
        if wire == 0 then
            local value
            value, at = varint(data, at, last)
            if not value then return false end
            visit(number, wire, value)
        elseif wire == 2 then
            size, at = varint(data, at, last)
            if not size or size > UInt64(last - at) then return false end
            size = size:tonumber()
            visit(number, wire, size > 0 and data(at, size) or nil)
            at = at + size
        elseif wire == 1 or wire == 5 then
            size = wire == 1 and 8 or 4
            if last - at < size then return false end
            at = at + size
        else
            return false
        end
    end
    return true
end

local function text(range) return range and range:string(ENC_UTF_8) or "" end

-- The message of a method, by its own definition where Wireshark knows it.
local function payload(range, key, direction, pinfo, tree)
    if not range then return end
    tree:add(F.payload, range)
    local path = methods[key]
    local protobuf_dissector = path and Dissector.get("protobuf")
    if not protobuf_dissector then return end
    pinfo.private["pb_msg_type"] = "application/grpc," .. path .. "," .. direction
    -- It writes the column for each message; the line of frames says more.
    local info = tostring(pinfo.cols.info)
    pcall(function() protobuf_dissector:call(range:tvb(), pinfo, tree) end)
    pinfo.cols.info = info
end

local function pair(range)
    local key, value = "", ""
    if range then
        protobuf(range, function(number, wire, field)
            if wire == 2 and number == 1 then key = text(field) end
            if wire == 2 and number == 2 then value = text(field) end
        end)
    end
    return key .. ": " .. value
end

local function request(data, key, pinfo, tree)
    local service, method, body = "", "", nil
    local good = protobuf(data, function(number, wire, field)
        if number == 1 and wire == 2 then
            service = text(field)
            tree:add(F.service, field or data(0, 0), service)
        elseif number == 2 and wire == 2 then
            method = text(field)
            tree:add(F.method, field or data(0, 0), method)
        elseif number == 3 and wire == 2 then
            body = field
        elseif number == 4 and wire == 0 then
            tree:add(F.timeout, data, field)
        elseif number == 5 and wire == 2 then
            tree:add(F.metadata, field or data(0, 0), pair(field))
        end
    end)
    methods[key] = "/" .. service .. "/" .. method
    payload(body, key, "request", pinfo, tree)
    return good, service .. "/" .. method
end

local function response(data, key, pinfo, tree)
    local code, message, body = 0, "", nil
    local good = protobuf(data, function(number, wire, field)
        if number == 1 and wire == 2 and field then
            protobuf(field, function(inner, kind, value)
                if inner == 1 and kind == 0 then code = value:band(0xffffffff):tonumber() end
                if inner == 2 and kind == 2 then message = text(value) end
            end)
        elseif number == 2 and wire == 2 then
            body = field
        end
    end)
    tree:add(F.status, data, code)
    if code ~= 0 then
        tree:add(F.message, data, message)
        tree:add_proto_expert_info(E.refused)
    end
    payload(body, key, "response", pinfo, tree)
    return good, STATUS[code] or ("code " .. code)
end

local HELLO = {
    [1] = "min_version", [2] = "max_version", [4] = "max_message_bytes", [5] = "max_streams", [6] = "initial_credit_bytes",
    [7] = "max_metadata_entries", [8] = "max_metadata_bytes", [9] = "keepalive_interval_millis", [10] = "keepalive_timeout_millis",
    [11] = "idle_timeout_millis", [12] = "max_age_millis", [13] = "frame_timeout_millis", [14] = "schema_fingerprint",
    [15] = "server_time", [16] = "checkpoint", [17] = "max_connections", [18] = "max_handshakes",
    [19] = "max_handshakes_per_address", [20] = "handshake_timeout_millis",
    [21] = "demonstration_clock", [22] = "chunk_bytes",
}

local function hello(data, tree)
    local software = ""
    local good = protobuf(data, function(number, wire, field)
        if number == 3 and wire == 2 then
            software = text(field)
            tree:add(F.software, field or data(0, 0), software)
        elseif wire == 0 then
            tree:add(F.hello_number, data, (HELLO[number] or ("field " .. number)) .. " = " .. tostring(field))
        elseif wire == 2 then
            local bytes = field and tostring(field:bytes()):lower() or ""
            tree:add(F.hello_number, field or data(0, 0), (HELLO[number] or ("field " .. number)) .. " = " .. bytes)
        end
    end)
    return good, software
end

local function goaway(data, tree)
    if data:len() < 8 then return false, "" end
    local code = data(4, 4):uint()
    tree:add(F.last, data(0, 4))
    tree:add(F.code, data(4, 4))
    local words = data:len() > 8 and text(data(8)) or ""
    if words ~= "" then tree:add(F.text, data(8), words) end
    return true, (GOAWAY[code] or code) .. (words ~= "" and (": " .. words) or "")
end

-- Frames whose data has one length and one meaning.
local FIXED = {
    [0x11] = { 4, F.reason, function(data) return STATUS[data(0, 4):uint()] or data(0, 4):uint() end },
    [0x12] = { 4, F.credit, function(data) return "+" .. data(0, 4):uint() end },
    [0x13] = { 8, F.opaque, function() return "" end },
}

-- The data of one frame. Returns whether it could be read, and its words for the summary.
local function body(kind, data, key, pinfo, tree)
    local length = data and data:len() or 0
    local fixed = FIXED[kind]
    if fixed then
        if length ~= fixed[1] then return false, "" end
        tree:add(fixed[2], data(0, length))
        return true, fixed[3](data)
    end
    if kind == 0x14 then
        if not data then return false, "" end
        return goaway(data, tree)
    end
    if kind == 0x03 then
        payload(data, key, tree.twolists_direction, pinfo, tree.item)
        return true, length .. " bytes"
    end
    -- An empty protobuf message is one of defaults.
    if not data then return true, "" end
    if kind == 0x01 then return request(data, key, pinfo, tree) end
    if kind == 0x02 then return response(data, key, pinfo, tree) end
    if kind == 0x10 then return hello(data, tree) end
    return true, length .. " bytes"
end

local function flags(kind, range, tree)
    local branch = tree:add(F.flags, range)
    if kind == 0x13 then
        branch:add(F.ack, range)
        return range:uint() % 2 == 1 and " ack" or ""
    end
    branch:add(F.remote_closed, range)
    branch:add(F.remote_open, range)
    branch:add(F.no_data, range)
    branch:add(F.not_processed, range)
    local words = ""
    for bit, word in pairs({ [1] = " closed", [2] = " open", [4] = " no-data", [8] = " not-processed" }) do
        if math.floor(range:uint() / bit) % 2 == 1 then words = words .. word end
    end
    return words
end

-- One whole frame.
local function frame(data, pinfo, root)
    local length, stream, kind = data(0, 4):uint(), data(4, 4):uint(), data(8, 1):uint()
    local tree = root:add(frames, data)
    tree:add(F.length, data(0, 4))
    tree:add(F.stream, data(4, 4))
    tree:add(F.type, data(8, 1))
    local words = flags(kind, data(9, 1), tree)
    local conversation = tcp_stream()
    local key = (conversation and tostring(conversation.value) or "?") .. "/" .. stream
    local content = length > 0 and data(HEADER, length) or nil
    local holder = tree
    if kind == 0x03 then
        -- A client's port is the one that is not the server's; the side that sent the Request is remembered by its port.
        local direction = methods[key .. "/port"] == pinfo.src_port and "request" or "response"
        holder = { twolists_direction = direction, item = tree }
    elseif kind == 0x01 then
        methods[key .. "/port"] = pinfo.src_port
    end
    local good, more = body(kind, content, key, pinfo, holder)
    if not good then tree:add_proto_expert_info(E.malformed) end
    if not TYPES[kind] then tree:add_proto_expert_info(E.unknown) end
    local name = TYPES[kind] or string.format("type 0x%02x", kind)
    local line = name .. (stream > 0 and (" [" .. stream .. "]") or "") .. words .. (more ~= "" and (" " .. more) or "")
    tree:append_text(", " .. line)
    return line
end

-- As many frames as there are; asks for the rest of one that is not whole.
function frames.dissector(buffer, pinfo, root)
    pinfo.cols.protocol = "TwoLists"
    local at, last, lines = 0, buffer:len(), {}
    while at < last do
        local left = last - at
        local length = left >= 4 and buffer(at, 4):uint() or nil
        if length and length >= LENGTH_END then
            root:add(frames, buffer(at, left)):add_proto_expert_info(E.malformed, "Not a frame: its first byte is not 0")
            break
        end
        if not length or left < HEADER + length then
            pinfo.desegment_offset = at
            pinfo.desegment_len = length and (HEADER + length - left) or DESEGMENT_ONE_MORE_SEGMENT
            break
        end
        lines[#lines + 1] = frame(buffer(at, HEADER + length), pinfo, root)
        at = at + HEADER + length
    end
    if #lines > 0 then
        -- One packet may bring several TLS records, and this function is called for each.
        local before = pinfo.private["twolists_info"]
        local line = (before and (before .. "; ") or "") .. table.concat(lines, "; ")
        pinfo.private["twolists_info"] = line
        pinfo.cols.info = line
    end
    return last
end

DissectorTable.get("tls.alpn"):add("twolists/1", frames)
DissectorTable.get("tls.alpn"):add("ttrpc", frames)
DissectorTable.get("tls.port"):add_for_decode_as(frames)
