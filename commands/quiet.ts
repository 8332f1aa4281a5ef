// Imported first by every command: the SDK's advice about the laptop's Node is no news to somebody whose production is down.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
